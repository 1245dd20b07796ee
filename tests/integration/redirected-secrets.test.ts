import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type LocalHttpServer, startHttpServer } from "@/tests/support/local-http-server";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const statuses = [301, 302, 303, 307, 308];
const day = 24 * 60 * 60_000;

let provider: AuthorizationServer;
let canary: LocalHttpServer;
/** Redirects everything to the canary, with the given status. */
let redirecting: LocalHttpServer;
let status = 307;
let asked = 0;
let usher: Installation;
let clock: Clock;
let admin: Visitor;

beforeAll(async () => {
  provider = await startProvider();
  canary = await startHttpServer((_, response) => response.end("{}"));
  redirecting = await startHttpServer((_, response) => {
    asked += 1;
    response.writeHead(status, { location: `${canary.origin}/` }).end();
  });
});
afterAll(() => Promise.all([provider.close(), canary.close(), redirecting.close()]));
beforeEach(async () => {
  asked = 0;
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

describe.each(statuses)("a redirect by %i", (code) => {
  beforeEach(() => {
    status = code;
  });

  it("carries no code and no client secret along", async () => {
    const oauth = { tokenEndpoint: `${redirecting.origin}/token` };
    const serverId = await createServer(usher.app, oauthServerInput(provider, { oauth }));
    expect(await authorize(admin, serverId)).toContain("authorization_error=provider_error");
    expect(asked).toBe(1);
    expect(canary.connections()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });

  it("carries no refresh token along", async () => {
    const serverId = await createServer(usher.app, oauthServerInput(provider));
    await authorize(admin, serverId);
    const tokenEndpoint = `${redirecting.origin}/token`;
    await usher.app.db.oAuthClient.update({ where: { serverId }, data: { tokenEndpoint } });
    await usher.app.db.storedTokenSet.updateMany({ data: { tokenEndpoint } });
    clock.advance(day);
    await expect(accessToken(usher.app, { serverId, ownerKey: "shared" })).rejects.toThrow();
    expect(asked).toBe(1);
    expect(canary.connections()).toBe(0);
  });

  it("carries no revoked token along, and the token is still deleted", async () => {
    const oauth = { revocationEndpoint: `${redirecting.origin}/revoke` };
    const serverId = await createServer(usher.app, oauthServerInput(provider, { oauth }));
    await authorize(admin, serverId);
    const path = `/oauth/revoke/${serverId}`;
    const visit = { path, params: { serverId }, json: { what: "server" } };
    const result = await (await admin.visit(revokeRoute, visit)).json();
    expect(result).toMatchObject({ deleted: 1, provider: "failed" });
    expect(asked).toBeGreaterThan(0);
    expect(canary.connections()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });
});
