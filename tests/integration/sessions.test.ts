import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DELETE as endRoute } from "@/app/api/account/sessions/[sessionId]/route";
import { DELETE as endAllRoute, GET as listRoute } from "@/app/api/account/sessions/route";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { GET as sessionRoute } from "@/app/api/auth/session/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { createApp } from "@/lib/app";
import { installApp } from "@/lib/app/current";
import type { SessionView } from "@/lib/contracts/people/sign-in";
import { setPasswordHash } from "@/lib/db/user";
import { endOwnSession, startSession } from "@/lib/session/sessions";
import { deleteOutlived } from "@/lib/tokens/refresh-sweep";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, visitorFor } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const dayMs = 24 * 60 * 60_000;

let usher: Installation;
let clock: Clock;
let member: Visitor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  member = await usher.join("MEMBER");
});
afterEach(() => usher.close());

const ask = (visitor: Visitor, headers: Record<string, string> = {}) =>
  visitor.visit(assistantsRoute, { path: "/api/assistants", headers });
const isIn = async (visitor: Visitor) => (await ask(visitor)).status === 200;
const list = async (visitor: Visitor): Promise<SessionView[]> =>
  (await (await visitor.visit(listRoute, { path: "/api/account/sessions" })).json()).sessions;
const end = (visitor: Visitor, sessionId: string) =>
  visitor.visit(endRoute, {
    path: `/api/account/sessions/${sessionId}`,
    params: { sessionId },
    method: "DELETE",
  });
const clientOf = (visitor: Visitor) => ({
  ipAddress: null,
  userAgent: "",
  cookies: Object.fromEntries(visitor.cookies),
});

/** Another process of the same installation, with its own caches. */
async function atReplica<T>(act: () => Promise<T>): Promise<T> {
  const replica = {
    ...createApp(usher.app.env, clock.now),
    ...{ startup: { isDone: true, waitsFor: null }, afterResponse: usher.app.afterResponse },
  };
  installApp(replica);
  try {
    return await act();
  } finally {
    installApp(usher.app);
    await replica.db.$disconnect();
  }
}

describe("the signed-in person", () => {
  const whoAmI = (visitor: Visitor) => visitor.visit(sessionRoute, { path: "/api/auth/session" });

  it("is returned as stored in the database, and no cookie is renewed", async () => {
    const response = await whoAmI(member);
    const { id, email } = member.user;
    expect(await response.json()).toMatchObject({ user: { id, email, role: "MEMBER" } });
    expect(response.headers.getSetCookie()).toEqual([]);
    await endOwnSession(usher.app, clientOf(member));
    const after = await whoAmI(member);
    expect(await after.json()).toEqual({});
    expect(after.headers.getSetCookie()).toEqual([]);
  });
});

describe("signing out", () => {
  it("ends a copy of the cookie at once, at every replica that has just seen it", async () => {
    const stolen = member.sameBrowser();
    expect(await isIn(stolen)).toBe(true);
    await atReplica(async () => {
      expect(await isIn(stolen)).toBe(true);
      await endOwnSession(usher.app, clientOf(member));
      expect(await isIn(stolen)).toBe(false);
      expect(await isIn(member)).toBe(false);
    });
    expect(await isIn(stolen)).toBe(false);
  });

  it("ends no other session, and is recorded in the audit", async () => {
    const phone = await visitorFor(usher.app, member.user);
    await endOwnSession(usher.app, clientOf(member));
    expect(await isIn(phone)).toBe(true);
    expect(await usher.app.db.auditEvent.count({ where: { action: "sign-out" } })).toBe(1);
  });

  it("also happens when this browser signs in again, as anyone", async () => {
    const stolen = member.sameBrowser();
    const other = await usher.join("MEMBER", "Other Member");
    await startSession(usher.app, other.user, clientOf(member), "password");
    expect(await isIn(stolen)).toBe(false);
  });
});

describe("a session", () => {
  it("ends 30 days after the sign-in, however often it is used", async () => {
    for (let day = 0; day < 29; day += 1) {
      clock.advance(dayMs);
      expect(await isIn(member), `day ${day}`).toBe(true);
      await usher.settle();
    }
    clock.advance(dayMs);
    expect(await isIn(member)).toBe(false);
  });

  it("ends after 14 days without use", async () => {
    clock.advance(13 * dayMs);
    expect(await isIn(member)).toBe(true);
    await usher.settle();
    clock.advance(13 * dayMs);
    expect(await isIn(member)).toBe(true);
    await usher.settle();
    clock.advance(14 * dayMs);
    expect(await isIn(member)).toBe(false);
    expect(await list(await visitorFor(usher.app, member.user))).toHaveLength(1);
  });

  it("that has ended is deleted from the database by a sweep", async () => {
    clock.advance(31 * dayMs);
    await deleteOutlived(usher.app);
    expect(await usher.app.db.session.count()).toBe(0);
  });

  it("is written to at most every five minutes, with where it was last used", async () => {
    await ask(member);
    const before = await usher.app.db.session.findFirstOrThrow();
    clock.advance(4 * 60_000);
    await ask(member);
    await usher.settle();
    expect(await usher.app.db.session.findFirst()).toEqual(before);
    clock.advance(60_000);
    await ask(member, { "x-forwarded-for": "203.0.113.9", "user-agent": "Other/1.0" });
    await usher.settle();
    expect(await usher.app.db.session.findFirst()).toMatchObject({
      lastSeenAt: clock.now(),
      ipAddress: "203.0.113.9",
      userAgent: "Other/1.0",
    });
  });

  it("does not start if the password was changed, or the person disabled, in the meantime", async () => {
    const { user } = member;
    const client = { ipAddress: null, userAgent: "", cookies: {} };
    await setPasswordHash(usher.app.db, user.id, "changed meanwhile", null);
    expect(await startSession(usher.app, user, client, "password")).toBeNull();
    const now = await usher.app.db.user.update({
      where: { id: user.id },
      data: { disabledAt: clock.now() },
    });
    expect(await startSession(usher.app, now, client, "password")).toBeNull();
    expect(await usher.app.db.session.count()).toBe(0);
  });

  it("of a disabled person is gone, and does not return when they are enabled", async () => {
    const admin = await usher.join("ADMIN");
    const change = (disabled: boolean) =>
      admin.visit(personRoute, {
        path: `/api/people/${member.user.id}`,
        params: { userId: member.user.id },
        method: "PATCH",
        json: { disabled },
      });
    await change(true);
    expect(await usher.app.db.session.count({ where: { userId: member.user.id } })).toBe(0);
    await change(false);
    expect(await isIn(member)).toBe(false);
  });

  it("is limited to a hundred: the least recently used one ends", async () => {
    const client = { ipAddress: null, userAgent: "", cookies: {} };
    for (let count = 0; count < 100; count += 1) {
      clock.advance(1000);
      await startSession(usher.app, member.user, client, "password");
    }
    expect(await usher.app.db.session.count({ where: { userId: member.user.id } })).toBe(100);
    expect(await isIn(member)).toBe(false);
  });
});

describe("the list of sessions", () => {
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
  const iPhone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";

  it("shows browser, system, address and times, and marks the current one", async () => {
    const phone = { ipAddress: "2001:db8::7", userAgent: iPhone, cookies: {} };
    const startedAt = clock.now();
    await startSession(usher.app, member.user, phone, "oidc");
    clock.advance(10 * 60_000);
    await ask(member, { "x-forwarded-for": "203.0.113.9", "user-agent": firefox });
    await usher.settle();
    expect(await list(member)).toMatchObject([
      { device: "Firefox on Linux", ipAddress: "203.0.113.9", method: "password", current: true },
      {
        device: "Safari on iPhone",
        ipAddress: "2001:db8::7",
        method: "oidc",
        lastSeenAt: startedAt.toISOString(),
        current: false,
      },
    ]);
  });

  it("is visible to its person only", async () => {
    const other = await usher.join("MEMBER", "Other Member");
    const [theirs] = await list(other);
    expect((await list(member)).map(({ id }) => id)).not.toContain(theirs?.id);
    expect((await end(member, theirs?.id ?? "")).status).toBe(404);
    expect(await isIn(other)).toBe(true);
  });

  it("can end one, or all of them including the current one", async () => {
    const phone = await visitorFor(usher.app, member.user);
    const laptop = await visitorFor(usher.app, member.user);
    const other = await usher.join("MEMBER", "Other Member");
    const ofPhone = (await list(phone)).find(({ current }) => current)?.id ?? "";
    expect((await end(member, ofPhone)).status).toBe(204);
    expect(await isIn(phone)).toBe(false);
    expect(await isIn(laptop)).toBe(true);
    expect((await end(member, ofPhone)).status).toBe(404);
    const path = "/api/account/sessions";
    expect((await member.visit(endAllRoute, { path, method: "DELETE" })).status).toBe(204);
    for (const visitor of [member, laptop]) expect(await isIn(visitor)).toBe(false);
    expect(await isIn(other)).toBe(true);
  });

  it("shows a browser's user agent as text, whatever it is", async () => {
    const client = { ipAddress: null, cookies: {} };
    for (const userAgent of ["", "curl/8.1", "<script>alert(1)</script>", "x".repeat(400)]) {
      await startSession(usher.app, member.user, { ...client, userAgent }, "password");
    }
    const devices = (await list(member)).map(({ device }) => device);
    expect(new Set(devices)).toEqual(new Set(["Unknown device", "Unknown browser"]));
  });
});
