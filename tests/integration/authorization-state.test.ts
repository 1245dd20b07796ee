import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as callbackRoute } from "@/app/oauth/callback/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import {
  beginAuthorization,
  browserCookieName,
  flowLifetimeMs,
  serverFor,
} from "@/lib/authorization/begin";
import { ownerKeyOf } from "@/lib/servers/open-endpoint";
import { createServer } from "@/lib/servers/save";
import { openCallback } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const ofEachKind = 50;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let serverId: string;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  serverId = await createServer(usher.app, oauthServerInput(provider));
  provider.forgetRequests();
});
afterEach(() => usher.close());

/** Past the route, which limits how many one person starts per minute; the cookie is kept. */
async function begin(visitor: Visitor): Promise<{ url: string; state: string }> {
  const server = await serverFor(usher.app, visitor.actor, serverId);
  const { url, browserCookie } = await beginAuthorization(usher.app, visitor.actor, server, {
    ownerKey: ownerKeyOf(server, visitor.actor.id),
    returnTo: "/connections",
  });
  visitor.cookies.set(browserCookie.name, browserCookie.value);
  return { url, state: new URL(url).searchParams.get("state") ?? "" };
}

/** What the callback makes of a state when everything else is correct. */
async function outcome(visitor: Visitor, state: string): Promise<string> {
  const query = new URLSearchParams({ state, code: "a-code", iss: provider.issuer });
  const response = await visitor.sameBrowser().visit(callbackRoute, {
    path: `/oauth/callback?${query}`,
  });
  return response.headers.get("location") ?? "";
}

const posts = () => provider.tokenRequests.authorization_code ?? 0;

describe("a state", () => {
  it("is refused if any single character of it was changed", async () => {
    for (let index = 0; index < ofEachKind; index += 1) {
      const { state } = await begin(admin);
      const at = index % state.length;
      const other = alphabet[(alphabet.indexOf(state.charAt(at)) + 1 + index) % alphabet.length];
      const changed = state.slice(0, at) + other + state.slice(at + 1);
      // The browser's cookie is also present under the name that belongs to the changed state.
      const cookie = admin.cookies.get(browserCookieName(state)) ?? "";
      admin.cookies.set(browserCookieName(changed), cookie);
      expect(await outcome(admin, changed)).toContain("/oauth/refused?reason=");
    }
    expect(posts()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });

  it("sends nothing again if it was used before, and only says how that ended", async () => {
    const { url, state } = await begin(admin);
    const before = admin.sameBrowser();
    const callbackUrl = await consent({ authorizationUrl: url, person: "ada" });
    expect((await openCallback(admin, callbackUrl)).headers.get("location")).toContain(
      "authorized=1",
    );
    const saved = await usher.app.db.storedTokenSet.findMany();
    for (let index = 0; index < ofEachKind; index += 1) {
      expect(await outcome(before, state)).toContain("authorized=1");
    }
    expect(posts()).toBe(1);
    expect(await usher.app.db.storedTokenSet.findMany()).toEqual(saved);
  });

  it("is refused once it has expired", async () => {
    const states: string[] = [];
    for (let index = 0; index < ofEachKind; index += 1) states.push((await begin(admin)).state);
    clock.advance(flowLifetimeMs + 1);
    for (const state of states) {
      expect(await outcome(admin, state)).toContain("authorization_error=expired");
    }
    expect(posts()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });

  it("is refused if another person started the flow, even with the cookie", async () => {
    const other = await usher.join("ADMIN", "Otto Other");
    for (let index = 0; index < ofEachKind; index += 1) {
      const { state } = await begin(admin);
      const name = browserCookieName(state);
      other.cookies.set(name, admin.cookies.get(name) ?? "");
      expect(await outcome(other, state)).toContain("/oauth/refused?reason=wrong_user");
    }
    expect(posts()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });
});
