import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PUT as changeRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { openTokens } from "@/lib/tokens/token-store";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type LocalHttpServer, startHttpServer } from "@/tests/support/local-http-server";
import { leaksIn } from "@/tests/support/secret-forms";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const day = 24 * 60 * 60_000;
const typed = "newly-typed-secret";

let provider: AuthorizationServer;
/** Where a changed form leads. */
let elsewhere: LocalHttpServer;
/** Every request there: URL, headers and body. */
let heard: string[];
let usher: Installation;
let clock: Clock;
let admin: Visitor;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  heard = [];
  elsewhere = await startHttpServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    heard.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
    response.writeHead(400, { "content-type": "application/json" }).end("{}");
  });
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  await usher.close();
  await elsewhere.close();
});

type Change = {
  url?: string;
  oauth?: { tokenEndpoint?: string; clientId?: string; refreshEndpoint?: string };
};

const changes: [string, () => Change][] = [
  ["Token URL", () => ({ oauth: { tokenEndpoint: `${elsewhere.origin}/token` } })],
  ["server URL", () => ({ url: `${elsewhere.origin}/mcp` })],
  [
    "client ID with its Token URL",
    () => ({
      oauth: { clientId: provider.postClientId, tokenEndpoint: `${elsewhere.origin}/token` },
    }),
  ],
];

describe("a host that a changed form leads to", () => {
  it.each(changes)("as %s receives no stored secret and no stored token", async (_, changed) => {
    const serverId = await createServer(usher.app, oauthServerInput(provider));
    const owner = { serverId, ownerKey: "shared" };
    await authorize(admin, serverId);
    const secrets: Record<string, string> = { "client secret": provider.clientSecret };
    await keepTokens(secrets, "first");

    // Without the secret nothing changes: the next refresh goes to the same place.
    expect((await change(serverId, changed(), "")).status).toBe(400);
    clock.advance(day);
    await accessToken(usher.app, owner);
    await keepTokens(secrets, "second");
    expect(elsewhere.connections()).toBe(0);

    // With another one it changes, and nothing of the old settings is left to send.
    expect((await change(serverId, changed(), typed)).status).toBe(200);
    await expect(accessToken(usher.app, owner)).rejects.toThrow();
    await authorize(admin, serverId);
    await test(serverId);
    expect(heard.length).toBeGreaterThan(0);
    expect(Object.keys(secrets)).toHaveLength(5);
    expect(leaksIn(heard.join("\n"), secrets)).toEqual([]);
  });
});

it("a Refresh URL on another host receives no stored secret and no stored token", async () => {
  const serverId = await createServer(usher.app, oauthServerInput(provider));
  const owner = { serverId, ownerKey: "shared" };
  await authorize(admin, serverId);
  const refreshEndpoint = `${elsewhere.origin}/refresh`;

  const refused = await change(serverId, { oauth: { refreshEndpoint } }, "");
  expect(refused.status).toBe(400);
  const { error } = await refused.json();
  expect(error.fields["oauth.clientSecret"]).toContain("Refresh URL");
  clock.advance(day);
  await accessToken(usher.app, owner);

  // Whoever knows the secret may enter it. The old grant is not sent there.
  const changed = await change(serverId, { oauth: { refreshEndpoint } }, provider.clientSecret);
  expect(changed.status).toBe(200);
  expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  await expect(accessToken(usher.app, owner)).rejects.toThrow();
  expect(elsewhere.connections()).toBe(0);
});

async function keepTokens(secrets: Record<string, string>, name: string): Promise<void> {
  const row = await usher.app.db.storedTokenSet.findFirstOrThrow();
  const { accessToken: access, refreshToken } = openTokens(usher.app.keyring, row);
  secrets[`${name} access token`] = access;
  secrets[`${name} refresh token`] = refreshToken ?? "";
}

function change(serverId: string, { oauth, ...rest }: Change, clientSecret: string) {
  const input = oauthServerInput(provider, { ...rest, oauth: { ...oauth, clientSecret } });
  const path = `/api/mcp-servers/${serverId}`;
  return admin.visit(changeRoute, { path, method: "PUT", params: { serverId }, json: input });
}

async function test(serverId: string): Promise<void> {
  const path = `/api/mcp-servers/${serverId}/test`;
  const visit = { path, method: "POST", params: { serverId } };
  await (await admin.visit(testRoute, visit)).text();
}
