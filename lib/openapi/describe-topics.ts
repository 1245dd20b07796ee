import { scopeOf } from "@/lib/session/permissions";
import { plainSchema } from "./document";
import type { ApiRoute } from "./route";
import { shapeOf } from "./shape";
import { apiTopics } from "./topics";

/** The table of routes in words, for the page about the API. */
export function describeTopics(publicUrl: string) {
  return apiTopics.map(({ title, routes }) => ({
    title,
    routes: routes.map((route) => describeRoute(route, publicUrl)),
  }));
}

function describeRoute(route: ApiRoute, publicUrl: string) {
  const { method, path, summary, permission, query, body, answer } = route;
  return {
    ...{ method, path, summary },
    description: route.description ?? null,
    scope: permission === null ? null : scopeOf(permission, method),
    curl: curlOf(route, publicUrl),
    query: query ? shapeOf(plainSchema(query, "input")) : null,
    body: body ? shapeOf(plainSchema(body.schema, "input")) : null,
    answer: { status: answer.status, shape: answerShape(route) },
  };
}

function answerShape({ answer }: ApiRoute): string | null {
  if (answer.status === 204) return null;
  if ("stream" in answer) return `${answer.stream}: ${answer.description}`;
  if ("lines" in answer) {
    return `One a line:\n${shapeOf(plainSchema(answer.lines.schema, "output"))}`;
  }
  return shapeOf(plainSchema(answer.json.schema, "output"));
}

function curlOf({ method, path, body, permission }: ApiRoute, publicUrl: string): string {
  const lines = [
    `curl${method === "GET" ? "" : ` -X ${method}`}`,
    ...(permission === null ? [] : ['-H "Authorization: Bearer $USHER_API_KEY"']),
    ...(body ? ['-H "Content-Type: application/json"', "-d @body.json"] : []),
    `"${publicUrl}${path.replace(/\{(\w+)\}/g, "<$1>")}"`,
  ];
  return lines.join(" \\\n  ");
}
