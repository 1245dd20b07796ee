import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as passwordRoute } from "@/app/api/account/password/route";
import { DELETE as endRoute } from "@/app/api/account/sessions/[sessionId]/route";
import { DELETE as endAllRoute, GET as sessionsRoute } from "@/app/api/account/sessions/route";
import {
  POST as linkRoute,
  GET as linkViewRoute,
  DELETE as unlinkRoute,
} from "@/app/api/account/single-sign-on/route";
import { DELETE as deleteRoute, PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { DELETE as unlinkOtherRoute } from "@/app/api/people/[userId]/single-sign-on/route";
import { resetPassword, storeResetLink } from "@/lib/people/password-reset";
import { keepTokens, openIdentity } from "@/lib/session/oidc/kept-tokens";
import { endAllSessions, endOwnSession, startSession } from "@/lib/session/sessions";
import { startInstallation } from "@/tests/support/installation";
import { comeBack } from "@/tests/support/oidc-browser";
import type { Visitor } from "@/tests/support/visitor";
import { minute, type Stage, setStage } from "./stage";

let stage: Stage;
let olga: Visitor;

beforeEach(async () => {
  stage = await setStage();
  olga = await stage.signIn("olga");
});
afterEach(() => stage.close());

const kept = () => stage.usher.app.db.identityTokens.count({ where: { userId: olga.user.id } });
const clientOf = (visitor: Visitor) => ({
  ipAddress: null,
  userAgent: "",
  cookies: Object.fromEntries(visitor.cookies),
});
const params = () => ({ userId: olga.user.id });
const signOut = (visitor: Visitor) => endOwnSession(stage.usher.app, clientOf(visitor));
const view = async (visitor: Visitor) =>
  (await visitor.visit(linkViewRoute, { path: "/api/account/single-sign-on" })).json();

describe("what was kept from a sign-in is deleted", () => {
  it("with the person's last session, and not before", async () => {
    const second = await stage.signIn("olga");
    await signOut(olga);
    expect(await kept()).toBe(1);
    await signOut(second);
    expect(await kept()).toBe(0);
  });

  it("with the last session that has not expired by being idle", async () => {
    const idle = await stage.signIn("olga");
    stage.clock.advance(15 * 24 * 60 * minute);
    const recent = await stage.signIn("olga");
    await signOut(recent);
    expect(await kept()).toBe(0);
    expect(idle.user.id).toBe(olga.user.id);
  });

  it("when the last session is ended from a list, or in a browser where another person signs in", async () => {
    const path = "/api/account/sessions";
    const { sessions } = await (await olga.visit(sessionsRoute, { path })).json();
    const { id } = sessions[0];
    const request = { path: `${path}/${id}`, params: { sessionId: id }, method: "DELETE" };
    expect((await olga.visit(endRoute, request)).status).toBe(204);
    expect(await kept()).toBe(0);

    olga = await stage.signIn("olga");
    await startSession(stage.usher.app, stage.admin.user, clientOf(olga), "password");
    expect(await kept()).toBe(0);
  });

  it("by signing out everywhere", async () => {
    await stage.signIn("olga");
    await olga.visit(endAllRoute, { path: "/api/account/sessions", method: "DELETE" });
    expect(await kept()).toBe(0);
  });

  it("by a new password, by link or in the settings", async () => {
    const { app } = stage.usher;
    const link = await storeResetLink(app, olga.user, null, async () => {});
    const token = link.link.split("/").at(-1) ?? "";
    const password = "a password of olga's";
    await resetPassword(app, { token, password }, clientOf(olga));
    expect(await kept()).toBe(0);

    olga = await stage.signIn("olga");
    const json = { currentPassword: password, newPassword: "another password of hers" };
    const path = "/api/account/password";
    expect((await olga.visit(passwordRoute, { path, json })).status).toBe(204);
    expect(await kept()).toBe(0);
  });

  it("when an admin disables the person, and nothing is handed out while they are disabled", async () => {
    const { app } = stage.usher;
    const row = await app.db.identityTokens.findFirstOrThrow();
    const request = { path: "/api/people/x", params: params(), method: "PATCH" };
    await stage.admin.visit(personRoute, { ...request, json: { disabled: true } });
    expect(await kept()).toBe(0);
    await app.db.identityTokens.create({ data: row });
    expect(await app.identityOf(olga.user.id)).toMatchObject({ because: "not_kept" });
  });

  it("when an admin deletes the person", async () => {
    const request = { path: "/api/people/x?erase=true", params: params(), method: "DELETE" };
    expect((await stage.admin.visit(deleteRoute, request)).status).toBe(200);
    expect(await stage.usher.app.db.identityTokens.count()).toBe(0);
  });

  it("when single sign-on is unlinked, by an admin or by the person", async () => {
    const path = "/api/people/x/single-sign-on";
    await stage.admin.visit(unlinkOtherRoute, { path, params: params(), method: "DELETE" });
    expect(await kept()).toBe(0);

    await linkAs(stage.admin, "admin-there");
    const ofAdmin = { where: { userId: stage.admin.user.id } };
    expect(await stage.usher.app.db.identityTokens.count(ofAdmin)).toBe(1);
    await stage.admin.visit(unlinkRoute, {
      ...{ path: "/api/account/single-sign-on", method: "DELETE" },
    });
    expect(await stage.usher.app.db.identityTokens.count(ofAdmin)).toBe(0);
  });

  it("on startup after the setting was turned off, and by a sign-in at a replica where it is off", async () => {
    const { app, database, env: on } = stage.usher;
    const row = await app.db.identityTokens.findFirstOrThrow();
    const env = { ...on, OIDC_KEEP_TOKENS: "0" };
    const off = await startInstallation({ env, database, now: stage.clock.now });
    try {
      expect(await kept()).toBe(0);
      expect(await off.app.identityOf(olga.user.id)).toMatchObject({ because: "off" });
      await app.db.identityTokens.create({ data: row });
      await stage.signIn("olga");
      expect(await kept()).toBe(0);
    } finally {
      await off.app.db.$disconnect();
    }
  });
});

describe("a sign-in whose session ends before its tokens are stored", () => {
  it.each([
    ["signing out", () => signOut(olga)],
    ["signing out everywhere", () => endAllSessions(stage.usher.app, olga.actor)],
  ])("by %s stores none", async (_, end) => {
    const { app } = stage.usher;
    const row = await app.db.identityTokens.findFirstOrThrow();
    const { id } = await app.db.session.findFirstOrThrow({ where: { userId: olga.user.id } });
    await end();
    const session = { userId: olga.user.id, sessionId: id };
    await keepTokens(app, session, row, openIdentity(app.keyring, row));
    expect(await kept()).toBe(0);
  });
});

describe("the account page", () => {
  it("says since when a sign-in has been kept, and when signing in again renews it", async () => {
    const since = stage.clock.now().toISOString();
    expect(await view(olga)).toMatchObject({ kept: { since } });
    await stage.usher.app.db.identityTokens.updateMany({ data: { refreshTokenSealed: null } });
    stage.clock.advance(11 * minute);
    expect(await view(olga)).toMatchObject({ kept: { since: null } });
    await stage.usher.app.db.identityTokens.deleteMany();
    expect(await view(olga)).toMatchObject({ kept: { since: null } });
  });

  it("does not mention it if Usher keeps no sign-ins", async () => {
    const other = await setStage({}, {});
    try {
      expect(await view(await other.signIn("pia"))).toMatchObject({ kept: null });
      expect(await other.usher.app.db.identityTokens.count()).toBe(0);
    } finally {
      await other.close();
    }
  });
});

async function linkAs(visitor: Visitor, sub: string): Promise<void> {
  const path = "/api/account/single-sign-on";
  const { url } = await (await visitor.visit(linkRoute, { path, json: {} })).json();
  stage.provider.people.set(sub, { email: `${sub}@example.com`, email_verified: true, name: sub });
  const end = await comeBack(visitor, await stage.provider.signIn(url, sub));
  if (!end.endsWith("?linked=1")) throw new Error(`Linking ended at ${end}.`);
}
