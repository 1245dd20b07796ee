import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import { callTool } from "@/lib/calls/call-tool";
import type { RevokeResult } from "@/lib/contracts/connections/connection";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { openTokens } from "@/lib/tokens/token-store";
import { Clock } from "@/tests/support/clock";
import { type GuardedMcpServer, startGuardedMcpServer } from "@/tests/support/guarded-mcp-server";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import {
  type IndependentServer,
  startJmondiServer,
} from "@/tests/support/jmondi-authorization-server";
import {
  nodeOAuthClient,
  startNodeOAuthServer,
} from "@/tests/support/node-oauth-authorization-server";
import { addByUrl, authorizeUnasked } from "@/tests/support/paste-url";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hour = 3_600_000;

let usher: Installation;
let clock: Clock;
let admin: Visitor;
let server: IndependentServer;
let tools: GuardedMcpServer;
let serverId: string;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  await usher.close();
  await Promise.all([server, tools].map((one) => one.close()));
});

const token = () => accessToken(usher.app, { serverId, ownerKey: "shared" });
const row = () => usher.app.db.storedTokenSet.findFirstOrThrow({ where: { serverId } });
const stored = async () => openTokens(usher.app.keyring, await row());
const refreshes = () => server.posts.filter(({ form }) => form.grant_type === "refresh_token");

async function connect(): Promise<void> {
  expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
  await usher.settle();
}

async function call(): Promise<string> {
  const signal = new AbortController().signal;
  const { user } = admin;
  const result = await callTool(usher.app, { serverId, toolName: "read", input: {}, user, signal });
  return result.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

async function disconnect(): Promise<RevokeResult> {
  const path = `/oauth/revoke/${serverId}`;
  const answer = await admin.visit(revokeRoute, {
    path,
    params: { serverId },
    json: { what: "server" },
  });
  return answer.json();
}

/** The result that each of them must lead to. */
function lifeOfAConnection(): void {
  it("calls a tool, and refreshes with the newest token each time", async () => {
    await connect();
    expect(await call()).toBe("Did read.");
    const sent: (string | null)[] = [];
    for (let times = 0; times < 3; times++) {
      sent.push((await stored()).refreshToken);
      clock.advance(2 * hour);
      await token();
    }
    expect(refreshes().map(({ form }) => form.refresh_token)).toEqual(sent);
    expect(new Set(sent).size).toBe(3);
    expect(await call()).toBe("Did read.");
  });

  it("notices at once that a grant has ended, and works after a new consent", async () => {
    await connect();
    server.endGrants();
    clock.advance(2 * hour);
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
    expect(refreshes()).toHaveLength(1);
    await connect();
    await expect(token()).resolves.toBeTruthy();
  });

  it("notices that its refresh token was used by someone else", async () => {
    await connect();
    const before = await row();
    clock.advance(2 * hour);
    await token();
    // A backup was restored: the token has been used before.
    const { accessTokenSealed, refreshTokenSealed } = before;
    await usher.app.db.storedTokenSet.updateMany({
      data: { accessTokenSealed, refreshTokenSealed },
    });
    usher.app.forget(serverId);
    clock.advance(2 * hour);
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
  });
}

describe("@jmondi/oauth2-server, from a pasted URL", () => {
  beforeEach(async () => {
    server = await startJmondiServer();
    tools = await startGuardedMcpServer(server, { scopesSupported: ["files:read"] });
    serverId = await addByUrl(admin, tools.url);
  });

  lifeOfAConnection();

  it("ends the grant on disconnecting, and says until when the access token is valid", async () => {
    await connect();
    const { refreshToken } = await stored();
    const result = await disconnect();
    expect(result).toMatchObject({ deleted: 1, provider: "revoked_but_token_lasts" });
    expect(Date.parse(result.accessUntil ?? "")).toBeGreaterThan(Date.now());
    const revoked = server.posts.filter(({ path }) => path === "/token/revoke");
    expect(revoked.map(({ form }) => form.token_type_hint)).toEqual([
      "refresh_token",
      "access_token",
    ]);
    expect(revoked[0]?.form.token).toBe(refreshToken);
  });

  it("notices at once that the server's key has changed", async () => {
    await connect();
    server.changeKey?.();
    clock.advance(2 * hour);
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
  });
});

describe("@node-oauth/oauth2-server, entered by hand", () => {
  beforeEach(async () => {
    server = await startNodeOAuthServer(`${publicUrl}/oauth/callback`);
    tools = await startGuardedMcpServer(server);
    serverId = await createServer(
      usher.app,
      serverInput({
        url: tools.url,
        authentication: "OAUTH",
        oauth: {
          ...nodeOAuthClient,
          authorizationEndpoint: `${server.issuer}/authorize`,
          tokenEndpoint: `${server.issuer}/token`,
          scope: "files",
        },
      }),
    );
  });

  lifeOfAConnection();

  it("finds out once that the server does not decode Basic, and remembers it", async () => {
    await connect();
    expect(server.posts.length).toBeGreaterThan(1);
    const { workingAuthMethod } = await usher.app.db.oAuthClient.findFirstOrThrow();
    expect(workingAuthMethod).toBe("CLIENT_SECRET_BASIC_RAW");
    clock.advance(2 * hour);
    await token();
    expect(refreshes()).toHaveLength(1);
    expect((await row()).scope).toBe("files");
  });

  it("says that there is no revocation, and until when the access token is valid", async () => {
    await connect();
    const { expiresAt } = await row();
    const accessUntil = expiresAt?.toISOString();
    expect(await disconnect()).toMatchObject({ provider: "no_endpoint", accessUntil });
  });
});
