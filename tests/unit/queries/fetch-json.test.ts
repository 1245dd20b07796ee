import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { personHeader } from "@/lib/contracts/problem";
import {
  fetchJson,
  fetchResponse,
  onSessionEnd,
  ProblemError,
  setPagePerson,
  withPerson,
} from "@/lib/queries/fetch-json";
import {
  type LocalHttpServer,
  readBody,
  sendJson,
  startHttpServer,
} from "@/tests/support/local-http-server";

let server: LocalHttpServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function urlOf(listener: RequestListener): Promise<string> {
  server = await startHttpServer(listener);
  return `${server.origin}/api/things`;
}

async function problemOf(request: Promise<unknown>): Promise<ProblemError> {
  const error = await request.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ProblemError)) throw new Error("not a ProblemError", { cause: error });
  return error;
}

describe("a request to the API", () => {
  it("sends its body as JSON and returns the response", async () => {
    const url = await urlOf(async (request, response) => {
      const body = JSON.parse(await readBody(request));
      sendJson(response, 201, {
        method: request.method,
        type: request.headers["content-type"],
        body,
      });
    });
    await expect(fetchJson(url, { method: "POST", body: { name: "Wiki" } })).resolves.toEqual({
      method: "POST",
      type: "application/json",
      body: { name: "Wiki" },
    });
  });

  it("returns nothing for a response without content", async () => {
    const url = await urlOf((_, response) => response.writeHead(204).end());
    await expect(fetchJson(url, { method: "DELETE" })).resolves.toBeUndefined();
  });

  it("reports a problem with its status, code, fields and waiting time", async () => {
    const url = await urlOf((_, response) =>
      sendJson(response, 400, {
        error: {
          code: "invalid_input",
          message: "Give the server a name.",
          fields: { name: "Give the server a name." },
          retryAfterMs: 500,
        },
      }),
    );
    expect(await problemOf(fetchJson(url))).toMatchObject({
      status: 400,
      code: "invalid_input",
      message: "Give the server a name.",
      fields: { name: "Give the server a name." },
      retryAfterMs: 500,
    });
  });

  it.each([
    ["a proxy's page", "text/html", "<h1>Bad gateway</h1>"],
    ["another JSON", "application/json", '{"error":"bad gateway"}'],
    ["JSON null", "application/json", "null"],
  ])("describes %s in our own words", async (_, type, body) => {
    const url = await urlOf((_request, response) =>
      response.writeHead(502, { "content-type": type }).end(body),
    );
    const problem = await problemOf(fetchJson(url));
    expect(problem).toMatchObject({ status: 502, code: "unexpected", fields: {} });
    expect(problem.message).toContain("502");
    expect(problem.message).not.toContain("gateway");
  });

  // What stands between browser and Usher: RocketChat/Rocket.Chat#19637, Mintplex-Labs/anything-llm#3223.
  it.each([
    [413, "limits the size of requests", "unexpected"],
    [403, "refused this (403)", "unexpected"],
    [429, "refused this (429)", "unexpected"],
    [431, "refused this (431)", "unexpected"],
    [502, "got no answer (502). Check whether", "unexpected"],
    [503, "got no answer (503). Check whether", "unexpected"],
    [521, "got no answer (521). Check whether", "unexpected"],
    [504, "got no answer (504). Check whether", "unexpected"],
    [524, "got no answer (524). Check whether", "unexpected"],
    // Not of a proxy: the app has no such route, or failed.
    [404, "Usher answered with an error (404)", "unexpected"],
    [500, "Usher answered with an error (500)", "unexpected"],
  ])("says what a proxy's own page with %i means", async (status, words, code) => {
    const url = await urlOf((_request, response) =>
      response.writeHead(status, { "content-type": "text/html" }).end("<h1>nginx</h1>"),
    );
    const problem = await problemOf(fetchJson(url, { method: "POST", body: {} }));
    expect(problem).toMatchObject({ status, code });
    expect(problem.message).toContain(words);
    expect(problem.message).not.toContain("nginx");
  });

  // oauth2-proxy/oauth2-proxy#2292, oauth2-proxy/oauth2-proxy#987, almarklein/timetagger#531
  it.each([
    ["to its own page", "/login"],
    ["to another host", "http://127.0.0.1:9/login"],
  ])("is not followed %s by a proxy that wants a sign-in", async (_, location) => {
    const heard: string[] = [];
    const url = await urlOf((request, response) => {
      heard.push(`${request.method} ${request.url}`);
      if (request.url === "/login") response.end("<html>Sign in</html>");
      else response.writeHead(302, { location }).end();
    });
    const problem = await problemOf(fetchResponse(url, { method: "POST", body: {} }));
    expect(problem).toMatchObject({ status: 0, code: "elsewhere" });
    expect(problem.message).toMatch(/^Something in front of Usher .* sign-in.* Reload the page/);
    expect(heard).toEqual(["POST /api/things"]);
  });

  it.each(["text/html", "text/html; charset=utf-8", "Application/XHTML+XML"])(
    "takes a page (%s) for no answer of Usher's, whatever its status",
    async (type) => {
      const url = await urlOf((_, response) =>
        response.writeHead(200, { "content-type": type }).end("<html>Checking your browser</html>"),
      );
      expect(await problemOf(fetchResponse(url))).toMatchObject({ status: 0, code: "elsewhere" });
    },
  );

  it("says that no response came if the connection breaks", async () => {
    const url = await urlOf((request) => request.socket.destroy());
    expect(await problemOf(fetchJson(url))).toMatchObject({ status: 0, code: "unreachable" });
  });

  it("says that no response came if a success is not JSON", async () => {
    const url = await urlOf((_, response) => response.end("<html>"));
    expect(await problemOf(fetchJson(url))).toMatchObject({ status: 0, code: "unreachable" });
  });

  it("leaves an abort unchanged", async () => {
    const url = await urlOf(() => undefined);
    const controller = new AbortController();
    const request = fetchJson(url, { signal: controller.signal });
    controller.abort();
    await expect(request).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a signed-in person's page", () => {
  afterEach(() => setPagePerson(null));

  it("names the person in each request and in each link", async () => {
    const heard: unknown[] = [];
    const url = await urlOf((request, response) => {
      heard.push(request.headers[personHeader]);
      sendJson(response, 200, {});
    });
    await fetchJson(url);
    setPagePerson("ada");
    await fetchJson(url, { method: "POST", body: {} });
    expect(heard).toEqual([undefined, "ada"]);
    expect(withPerson("/a")).toBe("/a?page-person=ada");
    expect(withPerson("/a?b=c")).toBe("/a?b=c&page-person=ada");
  });

  it.each([
    [401, "not_signed_in", { kind: "signed-out" }],
    [409, "other_person", { kind: "other-person", message: "You are signed in as bob." }],
    [409, "conflict", null],
    [403, "forbidden", null],
  ])("learns from %i %s what happened to its session", async (status, code, expected) => {
    const ends: unknown[] = [];
    const stop = onSessionEnd((end) => ends.push(end));
    const url = await urlOf((_, response) =>
      sendJson(response, status, { error: { code, message: "You are signed in as bob." } }),
    );
    await problemOf(fetchJson(url));
    stop();
    expect(ends).toEqual(expected ? [expected] : []);
  });
});
