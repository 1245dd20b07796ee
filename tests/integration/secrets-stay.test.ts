import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pino, { type Logger } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DELETE as revokeKeyRoute } from "@/app/api/api-keys/[apiKeyId]/route";
import { POST as createKeyRoute, GET as keysRoute } from "@/app/api/api-keys/route";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { GET as auditRoute } from "@/app/api/audit/route";
import { GET as conversationRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as newConversationRoute } from "@/app/api/chat/conversations/route";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import { PUT as changeRoute, GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as bundleRoute } from "@/app/api/mcp-servers/[serverId]/support-bundle/route";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/mcp-servers/route";
import { GET as refreshesRoute, POST as sweepRoute } from "@/app/api/refreshes/route";
import { GET as settingsRoute } from "@/app/api/settings/route";
import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import { GET as callbackRoute } from "@/app/oauth/callback/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { EndpointFault } from "@/demo/authorization-server/endpoint-faults";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { installApp } from "@/lib/app/current";
import { callTool } from "@/lib/calls/call-tool";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { Clock } from "@/tests/support/clock";
import { startEchoingMcpServer } from "@/tests/support/echoing-mcp-server";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type LocalHttpServer, readBody, startHttpServer } from "@/tests/support/local-http-server";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const headerSecret = "canary-header-7f3a9c";
const environmentSecret = "canary-environment-51be02";
const day = 24 * 60 * 60_000;

let dataDir: string;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
/** Answers with everything that it was sent: in an OAuth error, as a web page or as an MCP server's error. */
let echo: LocalHttpServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;

/** Where each secret was first seen or sent. */
const secrets = new Map<string, string>();
/** Everything that anyone gets to read. */
const answers: string[] = [];
const logged: string[] = [];
/** Everything that the echo was sent. */
let echoed = "";

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "secrets-stay-"));
  provider = await startProvider();
  files = await startPersonalFiles({ provider, dataDir });
  echo = await startHttpServer(async (request, response) => {
    const seen = `${JSON.stringify(request.headers)} ${await readBody(request)}`;
    echoed += seen;
    const url = request.url ?? "";
    if (url.startsWith("/page")) {
      response.writeHead(500, { "content-type": "text/html" }).end(`<p>${seen}</p>`);
      return;
    }
    response.writeHead(url.startsWith("/401") ? 401 : 400, { "content-type": "application/json" });
    const error = { error: "invalid_request", error_description: seen, message: seen };
    response.end(JSON.stringify(error));
  });
  clock = new Clock();
  usher = await startInstallation({
    now: clock.now,
    env: { LOG_LEVEL: "debug", STDIO_SERVERS: "trusted" },
  });
  // What pino would write to the standard output.
  Object.assign(usher.app.log as Logger, {
    [pino.symbols.streamSym]: { write: (line: string) => logged.push(line) },
  });
  installApp({ ...usher.app, outbound: listening(usher.app.outbound) });
  admin = await usher.join("ADMIN");
  secrets.set("client secret", provider.clientSecret);
  secrets.set("header", headerSecret);
  secrets.set("environment variable", environmentSecret);
  for (const name of ["SECRETS_ENCRYPTION_KEY", "NEXTAUTH_SECRET", "CRON_SECRET"]) {
    secrets.set(name, usher.env[name] ?? "");
  }
});
afterAll(async () => {
  await usher.close();
  await Promise.all([files.close(), provider.close(), echo.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

/** Records every secret that goes to a provider or comes from one. */
function listening(outbound: Installation["app"]["outbound"]): typeof outbound {
  return async (input, init) => {
    for (const [name, value] of new URLSearchParams(String(init?.body ?? ""))) {
      if (["code", "code_verifier", "refresh_token", "token"].includes(name)) note(name, value);
    }
    const { authorization } = Object.fromEntries(new Headers(init?.headers));
    if (authorization) note("credentials", authorization.split(" ").at(-1) ?? "");
    const response = await outbound(input, init);
    const answer = await response
      .clone()
      .json()
      .catch(() => ({}));
    for (const name of ["access_token", "refresh_token", "id_token"]) {
      if (typeof answer?.[name] === "string") note(name, answer[name]);
    }
    return response;
  };
}

function note(what: string, value: string): void {
  if (value.length >= 8) secrets.set(`${what} ${secrets.size}`, value);
}

type Visit = Parameters<Visitor["visit"]>;

/** Sends the request, and keeps what a reader of the response sees. */
async function ask(
  handler: Visit[0],
  visit: Visit[1],
): Promise<{ body: string; location: string }> {
  const response = await admin.visit(handler, visit);
  const location = response.headers.get("location") ?? "";
  const body = await response.text();
  // The URL to the provider contains the state, which is its purpose.
  if (!location.startsWith(provider.issuer)) answers.push(location);
  answers.push(body);
  return { body, location };
}

async function create(input: McpServerInput): Promise<string> {
  const { body } = await ask(createRoute, { path: "/api/mcp-servers", json: input });
  return JSON.parse(body).id;
}

async function consentTo(serverId: string, decision: "allow" | "deny" = "allow"): Promise<string> {
  const { location } = await ask(authorizeRoute, {
    path: `/oauth/authorize/${serverId}?returnTo=/connections`,
    params: { serverId },
  });
  note("state", new URL(location).searchParams.get("state") ?? "");
  const url = await consent({ authorizationUrl: location, person: "ada", decision });
  note("code", url.searchParams.get("code") ?? "");
  for (const [name, value] of admin.cookies) if (name.startsWith("usher_flow")) note(name, value);
  return (await ask(callbackRoute, { path: url.pathname + url.search })).location;
}

/** Everything that can be read about a server. */
async function readAll(serverId: string): Promise<void> {
  const params = { serverId };
  await ask(detailRoute, { path: `/api/mcp-servers/${serverId}`, params });
  await ask(testRoute, { path: `/api/mcp-servers/${serverId}/test`, params, method: "POST" });
  await ask(detailRoute, { path: `/api/mcp-servers/${serverId}`, params });
  await ask(connectionRoute, { path: `/api/connections/${serverId}`, params });
  await usher.settle();
  await ask(flowsRoute, { path: `/api/mcp-servers/${serverId}/flows`, params });
  await usher.app.db.rateLimit.deleteMany();
  const bundlePath = `/api/mcp-servers/${serverId}/support-bundle`;
  expect((await ask(bundleRoute, { path: bundlePath, params })).body).toContain('"format"');
  for (const [route, at] of [
    [listRoute, "/api/mcp-servers"],
    [connectionsRoute, "/api/connections"],
    [refreshesRoute, "/api/refreshes"],
    [settingsRoute, "/api/settings"],
    [assistantsRoute, "/api/assistants"],
  ] as const) {
    await ask(route, { path: at });
  }
}

/** As `pg_dump` would have it: every row of every table. */
async function dump(): Promise<string> {
  const tables = await usher.app.db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS "name" FROM information_schema.tables WHERE table_schema = 'public'`;
  const rows = await Promise.all(
    tables.map(({ name }) =>
      usher.app.db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS "row" FROM "${name}" t`),
    ),
  );
  return rows.flatMap((each) => each.map(({ row }) => row)).join("\n");
}

async function expectNoSecretAnywhere(): Promise<void> {
  const places = { answers: answers.join("\n"), logs: logged.join(""), dump: await dump() };
  const found = [...secrets].flatMap(([what, value]) =>
    Object.entries(places)
      .filter(([, text]) => formsOf(value).some((form) => text.includes(form)))
      .map(([place]) => `${what} in the ${place}`),
  );
  expect(found).toEqual([]);
}

/** An encoded secret is as good as the secret. */
function formsOf(value: string): string[] {
  const base64 = Buffer.from(value).toString("base64").replace(/=+$/, "");
  return [value, encodeURIComponent(value), base64, Buffer.from(value).toString("hex")];
}

const faults: EndpointFault[] = [
  { kind: "status", status: 400, error: "invalid_grant" },
  { kind: "status", status: 401, error: "invalid_client" },
  { kind: "status", status: 503 },
  { kind: "html" },
  { kind: "broken-json" },
  { kind: "ok-false", error: "bad_code" },
  { kind: "reset" },
  { kind: "lost-answer" },
  { kind: "changed", change: (answer) => ({ ...answer, token_type: "mac" }) },
  {
    kind: "changed",
    change: (answer) => ({ error: "server_error", error_description: JSON.stringify(answer) }),
  },
];

describe("no secret is in a log at debug level, a dump, an answer, the chat or the audit", () => {
  it("after consents, given and denied, and calls by an admin", async () => {
    const serverId = await create(oauthServerInput(provider, { name: "Good", url: files.url }));
    await consentTo(serverId, "deny");
    expect(await consentTo(serverId)).toContain("authorized=1");
    await usher.settle();
    await readAll(serverId);
    expect(secrets.size).toBeGreaterThan(10);
    // The search would find it: the dump, the responses and the log are not empty.
    expect(await dump()).toContain("Good");
    expect(answers.join()).toContain("Good");
    await expectNoSecretAnywhere();
  });

  it.each(faults)("after a consent and a refresh that end with %j", async (fault) => {
    const name = `Fault ${faults.indexOf(fault)}`;
    const serverId = await create(oauthServerInput(provider, { name, url: files.url }));
    provider.failNextTokenRequests(1, fault);
    await consentTo(serverId);
    provider.stopFailing();
    await consentTo(serverId);
    clock.advance(day);
    await usher.app.db.rateLimit.deleteMany();
    usher.app.tokenCache.drop(serverId, "shared");
    provider.failNextTokenRequests(1, fault);
    await ask(sweepRoute, { path: "/api/refreshes", method: "POST" });
    await readAll(serverId);
    provider.stopFailing();
    await ask(revokeRoute, {
      path: `/oauth/revoke/${serverId}`,
      params: { serverId },
      json: { what: "server" },
    });
    await usher.settle();
    await expectNoSecretAnywhere();
  });

  it.each(["token", "page"])("after endpoints that echo what they received (%s)", async (kind) => {
    const endpoint = `${echo.origin}/${kind}`;
    const serverId = await create(
      oauthServerInput(provider, {
        name: `Echo ${kind}`,
        url: files.url,
        oauth: { tokenEndpoint: endpoint, revocationEndpoint: endpoint },
      }),
    );
    expect(await consentTo(serverId)).toContain("authorization_error=");
    expect(echoed).toContain("code_verifier=");
    await readAll(serverId);
    await usher.settle();
    await expectNoSecretAnywhere();
  });

  it.each(["401", "400", "page"])(
    "after an MCP server that echoes the headers it received (%s)",
    async (kind) => {
      const serverId = await create(
        serverInput({
          name: `Headers ${kind}`,
          url: `${echo.origin}/${kind}`,
          authentication: "HEADERS",
          headers: `X-Api-Key: ${headerSecret}`,
        }),
      );
      await readAll(serverId);
      await usher.settle();
      expect(echoed).toContain(headerSecret);
      await expectNoSecretAnywhere();
    },
  );

  it("after API keys are created, used, refused and revoked", async () => {
    const json = { name: "Key", owner: "person", scopes: ["servers:read"], expiresInDays: 1 };
    const created = await admin.visit(createKeyRoute, { path: "/api/api-keys", json });
    const { secret, apiKey } = await created.json();
    note("API key", secret);
    const headers = { authorization: `Bearer ${secret}`, cookie: "" };
    const params = { apiKeyId: apiKey.id };
    await ask(listRoute, { path: "/api/mcp-servers", headers });
    await ask(connectionsRoute, { path: `/api/connections?access_token=${secret}`, headers });
    await ask(sweepRoute, { path: "/api/refreshes", method: "POST", headers });
    await ask(keysRoute, { path: "/api/api-keys" });
    await ask(revokeKeyRoute, { path: "/api/api-keys/1", method: "DELETE", params });
    await ask(listRoute, { path: "/api/mcp-servers", headers });
    expect(answers.at(-1)).toContain("was revoked");
    await ask(auditRoute, { path: "/api/audit" });
    expect(answers.at(-1)).toContain("api-key.revoke");
    await usher.settle();
    await expectNoSecretAnywhere();
  });

  it("after a rejected edit, and a failing command", async () => {
    const serverId = await create(
      serverInput({
        name: "Stdio",
        transport: "STDIO",
        command: "/no/such/command",
        environment: `KEY=${environmentSecret}`,
      }),
    );
    await readAll(serverId);
    const json = serverInput({
      name: "",
      url: "ftp://nowhere",
      authentication: "HEADERS",
      headers: `X-Api-Key: ${headerSecret}\nbroken line ${headerSecret}`,
    });
    const visit = {
      path: `/api/mcp-servers/${serverId}`,
      method: "PUT",
      params: { serverId },
      json,
    };
    await ask(changeRoute, visit);
    await usher.settle();
    await expectNoSecretAnywhere();
  });

  it("after tools that say the token they were called with, in a result, an error and their list", async () => {
    const echoing = await startEchoingMcpServer();
    try {
      const serverId = await create(
        oauthServerInput(provider, {
          name: "Echoing",
          url: echoing.url,
          oauth: { resourceIndicator: false },
        }),
      );
      expect(await consentTo(serverId)).toContain("authorized=1");
      await usher.settle();
      await readAll(serverId);
      const { tools } = await usher.app.db.toolCatalogue.findUniqueOrThrow({ where: { serverId } });
      expect(JSON.stringify(tools)).toContain("Says [removed]");
      for (const toolName of ["whoami", "fail_with_token", "break_with_token"]) {
        const result = await callTool(usher.app, {
          serverId,
          toolName,
          input: {},
          user: admin.user,
          signal: new AbortController().signal,
        }).catch((error: Error) => ({ message: error.message, cause: String(error.cause) }));
        answers.push(JSON.stringify(result));
        expect(answers.at(-1)).toContain("[removed]");
      }
      expect(new Set(echoing.tokens).size).toBeGreaterThan(0);
      for (const token of echoing.tokens) note("bearer", token);
      const long = answers.at(-3) ?? "";
      for (const token of echoing.tokens) expect(long).not.toContain(token.slice(0, 12));

      const assistant = await usher.app.db.assistant.create({
        data: { name: "Echoer", servers: { create: { serverId } } },
      });
      const created = await ask(newConversationRoute, {
        path: "/api/chat/conversations",
        json: { assistantId: assistant.id },
      });
      const conversationId: string = JSON.parse(created.body).id;
      const turn = await ask(turnRoute, {
        path: `/api/chat/conversations/${conversationId}/turn`,
        params: { conversationId },
        json: { kind: "send", messageId: "message-echo", text: "Who am I?" },
      });
      expect(turn.body).toContain("Bearer [removed]");
      await usher.settle();
      await expectNoSecretAnywhere();
    } finally {
      await echoing.close();
    }
  });

  it("after a conversation with tool calls", async () => {
    const serverId = await create(oauthServerInput(provider, { name: "Files", url: files.url }));
    await consentTo(serverId);
    await usher.settle();
    const assistant = await usher.app.db.assistant.create({
      data: { name: "Guide", servers: { create: { serverId } } },
    });
    const created = await ask(newConversationRoute, {
      path: "/api/chat/conversations",
      json: { assistantId: assistant.id },
    });
    const conversationId: string = JSON.parse(created.body).id;
    const turn = await ask(turnRoute, {
      path: `/api/chat/conversations/${conversationId}/turn`,
      params: { conversationId },
      json: { kind: "send", messageId: "message-1", text: "Read my todo.md" },
    });
    expect(turn.body).toContain("tool-output");
    // A successful call may log nothing: this line shows that log lines are seen here.
    usher.app.log.info("a conversation was held");
    expect(logged.join("")).toContain("a conversation was held");
    await ask(conversationRoute, {
      path: `/api/chat/conversations/${conversationId}`,
      params: { conversationId },
    });
    await usher.settle();
    const calls = await usher.app.db.auditEvent.findMany({
      where: { action: "tool.call", serverId },
    });
    expect(calls).toMatchObject([
      {
        serverId,
        actorId: admin.user.id,
        details: {
          ...{ conversationId, assistantId: assistant.id, outcome: "answered" },
          actingAs: "Ada Lovelace",
        },
      },
    ]);
    expect(calls[0]?.details).not.toHaveProperty("apiKey");
    await readAll(serverId);

    const json = { name: "Reader", owner: "person", scopes: ["chat:write"], expiresInDays: 1 };
    const made = await admin.visit(createKeyRoute, { path: "/api/api-keys", json });
    const { secret } = await made.json();
    note("API key", secret);
    const byKey = await ask(turnRoute, {
      path: `/api/chat/conversations/${conversationId}/turn`,
      params: { conversationId },
      headers: { authorization: `Bearer ${secret}`, cookie: "" },
      json: { kind: "send", messageId: "message-2", text: "Read my todo.md" },
    });
    expect(byKey.body).toContain("tool-output");
    await usher.settle();
    const named = await usher.app.db.auditEvent.findMany({
      where: { action: "tool.call", serverId, id: { notIn: calls.map(({ id }) => id) } },
    });
    expect(named).toMatchObject([
      { details: { apiKey: expect.stringMatching(/^Reader \(ush_/), outcome: "answered" } },
    ]);
    await expectNoSecretAnywhere();
  });
});
