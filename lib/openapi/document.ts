import * as z from "zod";
import { scopeOf } from "@/lib/session/permissions";
import { problem } from "./problem";
import { type ApiAnswer, type ApiRoute, type NamedSchema, routeErrors } from "./route";
import { apiRoutes, apiTopics } from "./topics";

type Json = Record<string, unknown>;

const problemSchema = { name: "Problem", schema: problem };

/** The responses that every route may return, by its input. */
const commonErrors = {
  400: "The input is wrong; `error.fields` says what to correct.",
  401: "The API key is missing, unknown, revoked or expired, or its owner is disabled.",
  403: "The role, or the key's scopes, do not allow it.",
  429: "Too many requests with this key.",
  503: "Try again after `Retry-After` seconds.",
} as const;

type Installation = { publicUrl: string; version: string };

/** By public URL and version, of which a process has one. */
const made = new Map<string, ReturnType<typeof makeDocument>>();

/**
 * The API as an OpenAPI document, generated from the contracts that validate requests. It is generated once: that takes
 * some 20 ms of the one event loop, and anyone may request it.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(installation: Installation): ReturnType<typeof makeDocument> {
  const key = JSON.stringify(installation);
  const document = made.get(key) ?? makeDocument(installation);
  made.set(key, document);
  return document;
}

function makeDocument({ publicUrl, version }: Installation) {
  return {
    openapi: "3.1.0",
    info: {
      title: "Usher",
      version,
      description: "Create a key under Settings > API keys and send it as a bearer token.",
    },
    servers: [{ url: publicUrl }],
    security: [{ apiKey: [] }],
    tags: apiTopics.map(({ title }) => ({ name: title })),
    paths: pathItems(),
    components: {
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key, `ush_…`" },
      },
      schemas: schemas(),
    },
  };
}

function pathItems(): Json {
  const paths: Record<string, Json> = {};
  for (const { title, routes } of apiTopics) {
    for (const route of routes) {
      paths[route.path] = {
        ...paths[route.path],
        [route.method.toLowerCase()]: operation(route, title),
      };
    }
  }
  return paths;
}

function operation(route: ApiRoute, tag: string): Json {
  const { summary, permission, body } = route;
  const scope = permission === null ? null : scopeOf(permission, route.method);
  const needs = scope === null ? "" : `Needs the scope \`${scope}\`.`;
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    description: [route.description, needs].filter(Boolean).join(" "),
    ...(permission === null ? { security: [] } : {}),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(body ? { requestBody: { required: true, content: jsonContent(body) } } : {}),
    responses: { ...success(route.answer), ...failures(route) },
  };
}

/** Such as `getApiPeopleUserId`: unique, as method and path are. */
function operationId({ method, path }: ApiRoute): string {
  const words = path.split(/[^a-zA-Z]+/).filter(Boolean);
  return (
    method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("")
  );
}

function pathParameters({ path }: ApiRoute): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters({ query }: ApiRoute): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = plainSchema(query, "input") as {
    properties?: Json;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", required: required.includes(name), schema },
  }));
}

function success(answer: ApiAnswer): Json {
  if (answer.status === 204) return { 204: { description: "Done." } };
  if ("json" in answer) {
    return { [answer.status]: { description: "Done.", content: jsonContent(answer.json) } };
  }
  if ("lines" in answer) {
    const content = { "application/x-ndjson": { schema: reference(answer.lines) } };
    return { 200: { description: "One JSON value a line, as it happens.", content } };
  }
  const { description, stream } = answer;
  return { 200: { description, content: { [stream]: { schema: { type: "string" } } } } };
}

function failures(route: ApiRoute): Json {
  const statuses: Record<number, string> = { ...commonErrors };
  if (!route.body && !route.query) delete statuses[400];
  const own = [...(route.errors ?? []), ...(route.path.includes("{") ? ([404] as const) : [])];
  for (const status of own) statuses[status] = routeErrors[status];
  return Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [
      status,
      { description, content: jsonContent(problemSchema) },
    ]),
  );
}

function jsonContent(named: NamedSchema): Json {
  return { "application/json": { schema: reference(named) } };
}

function reference({ name }: NamedSchema): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function schemas(): Json {
  const all: Json = { Problem: plainSchema(problem, "output") };
  for (const { body, answer } of apiRoutes()) {
    if (body) all[body.name] = plainSchema(body.schema, "input");
    if ("json" in answer) all[answer.json.name] = plainSchema(answer.json.schema, "output");
    if ("lines" in answer) all[answer.lines.name] = plainSchema(answer.lines.schema, "output");
  }
  return all;
}

/**
 * `input`: what a caller may send, before defaults. `output`: a response's content; it may have more later, so
 * nothing says that it does not.
 */
export function plainSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      if (io === "output" && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
    },
  });
  return plain;
}
