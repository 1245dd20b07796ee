import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pino, { type Logger } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as auditRoute } from "@/app/api/audit/route";
import { POST as retryRoute } from "@/app/api/connections/[serverId]/refresh/route";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import { GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as bundleRoute } from "@/app/api/mcp-servers/[serverId]/support-bundle/route";
import { GET as refreshesRoute } from "@/app/api/refreshes/route";
import { GET as settingsRoute } from "@/app/api/settings/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { EndpointFault } from "@/demo/authorization-server/endpoint-faults";
import { type IdentityProvider, startIdentityProvider } from "@/demo/identity-provider";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { installApp } from "@/lib/app/current";
import { callTool } from "@/lib/calls/call-tool";
import type { GrantType } from "@/lib/contracts/servers/kinds";
import { createServer } from "@/lib/servers/save";
import { Clock } from "@/tests/support/clock";
import {
  type Installation,
  publicUrl,
  startInstallation,
  startProvider,
} from "@/tests/support/installation";
import { type LocalHttpServer, readBody, startHttpServer } from "@/tests/support/local-http-server";
import { comeBack, startOidc } from "@/tests/support/oidc-browser";
import { consent } from "@/tests/support/provider-consent";
import { leaksIn } from "@/tests/support/secret-forms";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hour = 60 * 60_000;
const secretNames = [
  ...["code", "code_verifier", "refresh_token", "token", "assertion", "subject_token"],
  ...["client_secret", "access_token", "id_token"],
];

let dataDir: string;
let idp: IdentityProvider;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
/** Answers with everything that it was sent, as an OAuth error. */
let echo: LocalHttpServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let servers = 0;

/** By where each was first seen or sent. */
const secrets: Record<string, string> = {};
const answers: string[] = [];
const logged: string[] = [];
const globalFetch = globalThis.fetch;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "exchange-secrets-"));
  idp = await startIdentityProvider({ redirectUris: [`${publicUrl}/api/auth/callback/oidc`] });
  provider = await startProvider({ identityProvider: idp });
  files = await startPersonalFiles({ provider, dataDir });
  const { issuer, clientId } = provider;
  idp.connect({ issuer, clientId, resources: () => [files.url] });
  echo = await startHttpServer(async (request, response) => {
    const seen = `${JSON.stringify(request.headers)} ${await readBody(request)}`;
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: "invalid_grant", error_description: seen }));
  });
  clock = new Clock();
  usher = await startInstallation({
    now: clock.now,
    env: { ...idp.env, OIDC_KEEP_TOKENS: "1", OIDC_TRUST_EMAIL: "1", LOG_LEVEL: "debug" },
  });
  // What pino would write to the standard output.
  Object.assign(usher.app.log as Logger, {
    [pino.symbols.streamSym]: { write: (line: string) => logged.push(line) },
  });
  // The identity provider is called outside the guard.
  globalThis.fetch = noting(globalFetch) as typeof fetch;
  installApp({ ...usher.app, outbound: noting(usher.app.outbound) });
  admin = await usher.join("ADMIN");
  const data = { issuer: idp.issuer, subject: "ada", userId: admin.user.id, createdAt: new Date() };
  await usher.app.db.oidcIdentity.create({ data });
  const authorizationUrl = new URL(await startOidc(admin));
  await comeBack(admin, await consent({ authorizationUrl, person: "ada" }));
  secrets["client secret at the identity provider"] = idp.clientSecret;
  secrets["client secret at the authorization server"] = provider.clientSecret;
});
afterAll(async () => {
  globalThis.fetch = globalFetch;
  await usher.close();
  for (const one of [files, provider, idp, echo]) await one.close();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  idp.stopFailing();
  provider.stopFailing();
  idp.assign("ada", provider.issuer);
});

/** Records every secret that goes to a provider or comes from one. */
function noting(send: Installation["app"]["outbound"]): Installation["app"]["outbound"] {
  return async (input, init) => {
    const note = (what: string, value: unknown) => {
      if (typeof value !== "string" || value.length < 8 || !secretNames.includes(what)) return;
      secrets[`${what} ${Object.keys(secrets).length}`] = value;
    };
    const body = String(init?.body ?? "");
    for (const [name, value] of new URLSearchParams(body)) note(name, value);
    const response = await send(input, init);
    const text = await response.clone().text();
    try {
      for (const [name, value] of Object.entries(JSON.parse(text))) note(name, value);
    } catch {
      // Not JSON: no token either.
    }
    return response;
  };
}

async function serverBy(grantType: GrantType, tokenEndpoint: string): Promise<string> {
  servers += 1;
  return createServer(
    usher.app,
    oauthServerInput(provider, {
      ...{ name: `Server ${servers}`, url: files.url },
      oauth: { tokenSharing: "ORGANIZATION", grantType, tokenEndpoint },
    }),
  );
}

const call = (serverId: string) =>
  callTool(usher.app, {
    ...{ serverId, user: admin.actor, toolName: "list_files", input: {} },
    signal: new AbortController().signal,
  });

async function readAll(serverId: string): Promise<void> {
  const params = { serverId };
  await usher.settle();
  await usher.app.db.rateLimit.deleteMany();
  for (const [route, at] of [
    [detailRoute, `/api/mcp-servers/${serverId}`],
    [flowsRoute, `/api/mcp-servers/${serverId}/flows`],
    [bundleRoute, `/api/mcp-servers/${serverId}/support-bundle`],
    [connectionRoute, `/api/connections/${serverId}`],
    [auditRoute, "/api/audit"],
    [refreshesRoute, "/api/refreshes"],
    [settingsRoute, "/api/settings"],
  ] as const) {
    const response = await admin.visit(route as typeof detailRoute, { path: at, params });
    expect(response.status, at).toBe(200);
    answers.push(await response.text());
  }
}

async function tryAgain(serverId: string): Promise<void> {
  const response = await admin.visit(retryRoute, {
    path: `/api/connections/${serverId}/refresh`,
    params: { serverId },
    method: "POST",
  });
  answers.push(await response.text());
}

/** As `pg_dump` would have it: every row of every table. */
async function dump(): Promise<string> {
  const tables = await usher.app.db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS "name" FROM information_schema.tables WHERE table_schema = 'public'`;
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await usher.app.db.$queryRawUnsafe<{ row: string }[]>(
      `SELECT t::text AS "row" FROM "${name}" t`,
    );
    rows.push(...found.map(({ row }) => row));
  }
  return rows.join("\n");
}

async function expectNoSecretAnywhere(leastSeen: number): Promise<void> {
  expect(Object.keys(secrets).length).toBeGreaterThan(leastSeen);
  expect(leaksIn(answers.join("\n"), secrets)).toEqual([]);
  expect(leaksIn(logged.join(""), secrets)).toEqual([]);
  expect(leaksIn(await dump(), secrets)).toEqual([]);
}

const faults: EndpointFault[] = [
  { kind: "status", status: 400, error: "invalid_grant" },
  { kind: "status", status: 401, error: "invalid_client" },
  { kind: "html" },
  { kind: "broken-json" },
  { kind: "lost-answer" },
  { kind: "changed", change: (answer) => ({ ...answer, token_type: "mac" }) },
  { kind: "changed", change: (answer) => ({ ...answer, issued_token_type: "of another kind" }) },
  {
    kind: "changed",
    change: (answer) => ({ error: "access_denied", error_description: JSON.stringify(answer) }),
  },
];

describe("no secret of an exchange is in a log at debug level, a dump, an answer or the audit", () => {
  it("after calls that work, and a renewal of the sign-in", async () => {
    const serverId = await serverBy("ID_JAG", provider.tokenEndpoint);
    expect((await call(serverId)).isError).toBe(false);
    clock.advance(2 * hour);
    expect((await call(serverId)).isError).toBe(false);
    await readAll(serverId);
    // Both legs twice, the sign-in and its renewal.
    await expectNoSecretAnywhere(12);
  });

  it.each([
    ["the identity provider", () => idp],
    ["the authorization server", () => provider],
  ])("after every kind of failure of %s", async (_, at) => {
    const serverId = await serverBy("ID_JAG", provider.tokenEndpoint);
    const seen = Object.keys(secrets).length;
    for (const fault of faults) {
      at().failNextTokenRequests(3, fault);
      await tryAgain(serverId);
      await call(serverId).catch((error: Error) => answers.push(String(error)));
      at().stopFailing();
    }
    await readAll(serverId);
    await expectNoSecretAnywhere(seen);
  });

  it.each(["ID_JAG", "TOKEN_EXCHANGE", "ON_BEHALF_OF"] as const)(
    "after a refusal of %s that quotes everything that was sent",
    async (grantType) => {
      const serverId = await serverBy(grantType, `${echo.origin}/token`);
      const seen = Object.keys(secrets).length;
      await expect(call(serverId)).rejects.toMatchObject({ code: "authorization_required" });
      await tryAgain(serverId);
      await readAll(serverId);
      await expectNoSecretAnywhere(seen);
    },
  );
});
