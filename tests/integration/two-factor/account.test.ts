import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as sessionsRoute } from "@/app/api/account/sessions/route";
import { POST as renewRoute } from "@/app/api/account/two-factor/recovery-codes/route";
import {
  POST as beginRoute,
  PUT as confirmRoute,
  GET as viewRoute,
} from "@/app/api/account/two-factor/route";
import { POST as turnOffRoute } from "@/app/api/account/two-factor/turn-off/route";
import { GET as personRoute } from "@/app/api/people/[userId]/route";
import { DELETE as resetRoute } from "@/app/api/people/[userId]/two-factor/route";
import { insertUser } from "@/lib/db/user";
import { createResetLinkAsOperator } from "@/lib/people/password-reset";
import { passwordChangePerSession } from "@/lib/session/rate-limit";
import { codeAt } from "@/tests/support/authenticator";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, visitorFor } from "@/tests/support/installation";
import { SignInPage, turnOnTwoFactor } from "@/tests/support/two-factor";
import type { Visitor } from "@/tests/support/visitor";

const path = "/api/account/two-factor";

let usher: Installation;
let clock: Clock;
let owner: Visitor;
let admin: Visitor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  owner = await usher.join("MEMBER");
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

const password = () => `password of ${owner.user.email}`;
const view = async () => (await owner.visit(viewRoute, { path })).json();
const turnOff = (json: object, who = owner) =>
  who.visit(turnOffRoute, { path: `${path}/turn-off`, json });
const renew = (json: object) => owner.visit(renewRoute, { path: `${path}/recovery-codes`, json });
const ask = (json: object, who = owner) => who.visit(beginRoute, { path, json });
const begin = async () => (await ask({ password: password() })).json();
const confirm = (code: string) =>
  owner.visit(confirmRoute, { path, method: "PUT", json: { code } });
const reset = (who: Visitor, whose: Visitor) =>
  who.visit(resetRoute, {
    path: `/api/people/${whose.user.id}/two-factor`,
    params: { userId: whose.user.id },
    method: "DELETE",
  });
const isIn = async (visitor: Visitor) =>
  (await visitor.visit(sessionsRoute, { path: "/api/account/sessions" })).status === 200;
const events = async (action: string) =>
  (await usher.app.db.auditEvent.findMany({ where: { action } })).map(
    ({ actorEmail, details }) => ({ actorEmail, details }),
  );

describe("setting up two-factor authentication", () => {
  it("shows the secret as text, as a URL and as a QR code, and takes effect once a code was entered", async () => {
    const { secret, uri, qr } = await begin();
    expect(uri).toContain(`secret=${secret}`);
    expect(uri).toContain("issuer=Usher");
    expect(qr.path).toMatch(/^M\d+ \d+h\d+v1h-\d+z/);
    expect(await new SignInPage(usher, owner).enterPassword()).toBe("signed in");
    const wrong = await confirm("12345x");
    expect(wrong.status).toBe(400);
    expect((await view()).since).toBeNull();
    const right = await confirm(codeAt(secret, clock.now()));
    expect((await right.json()).recoveryCodes).toHaveLength(10);
    expect(await view()).toEqual({
      ...{ since: clock.now().toISOString(), recoveryCodes: 10, required: false },
    });
    expect(await events("two-factor.enable")).toHaveLength(1);
  });

  it("replaces an unconfirmed secret, and never a confirmed one", async () => {
    const first = await begin();
    const second = await begin();
    expect((await confirm(codeAt(first.secret, clock.now()))).status).toBe(400);
    expect((await confirm(codeAt(second.secret, clock.now()))).status).toBe(200);
    expect((await ask({ password: password() })).status).toBe(409);
    expect((await confirm(codeAt(second.secret, clock.now()))).status).toBe(409);
  });

  it("is for people with a password", async () => {
    const user = await insertUser(usher.app.db, {
      ...{ email: "sso@example.com", name: "Sue Sign-on", passwordHash: null, role: "MEMBER" },
    });
    const visitor = await visitorFor(usher.app, user);
    expect((await ask({ password: "any" }, visitor)).status).toBe(409);
  });

  it("is not possible at a session left open without the password", async () => {
    for (const json of [{}, { password: "guessed" }]) {
      const refused = await ask(json);
      expect(refused.status).toBe(400);
      expect(Object.keys((await refused.json()).error.fields)).toEqual(["password"]);
    }
    expect((await confirm("123456")).status).toBe(409);
    expect(await usher.app.db.twoFactor.count()).toBe(0);
    expect(await new SignInPage(usher, owner).enterPassword()).toBe("signed in");
  });

  it("does not let a stolen session guess the password", async () => {
    for (let tries = 0; tries < passwordChangePerSession.limit; tries += 1) {
      expect((await ask({ password: "guessed" })).status).toBe(400);
    }
    expect((await ask({ password: password() })).status).toBe(429);
  });
});

describe("turning it off, and new recovery codes", () => {
  it("need the password or a code", async () => {
    const { secret, recoveryCodes } = await turnOnTwoFactor(owner, clock);
    for (const json of [{ password: "guessed" }, { code: "12345x" }, {}]) {
      expect((await turnOff(json)).status).toBe(400);
      expect((await renew(json)).status).toBe(400);
    }
    const renewed = await renew({ code: codeAt(secret, clock.now()) });
    const codes: string[] = (await renewed.json()).recoveryCodes;
    const page = new SignInPage(usher, owner);
    expect(await page.enterPassword()).toBe("code required");
    expect((await page.enterCode(recoveryCodes[0] ?? "")).status).toBe(400);
    expect((await page.enterCode(codes[0] ?? "")).status).toBe(204);
    expect((await turnOff({ password: password() })).status).toBe(204);
    expect(await new SignInPage(usher, owner).enterPassword()).toBe("signed in");
    expect(await view()).toMatchObject({ since: null, recoveryCodes: 0 });
    const { email } = owner.user;
    expect(await events("two-factor.disable")).toEqual([
      { actorEmail: email, details: { email, by: "themself" } },
    ]);
  });

  it("do not let a stolen session guess the password", async () => {
    await turnOnTwoFactor(owner, clock);
    for (let tries = 0; tries < passwordChangePerSession.limit; tries += 1) {
      expect((await turnOff({ password: "guessed" })).status).toBe(400);
    }
    expect((await turnOff({ password: password() })).status).toBe(429);
  });
});

describe("an admin", () => {
  it("sees who has one, and resets it: the person's sessions end, and the password is enough", async () => {
    const { recoveryCodes } = await turnOnTwoFactor(owner, clock);
    const page = new SignInPage(usher, owner);
    await page.enterPassword();
    const seen = await admin.visit(personRoute, {
      path: `/api/people/${owner.user.id}`,
      params: { userId: owner.user.id },
    });
    expect((await seen.json()).person.twoFactor).toBe(true);
    expect((await reset(admin, owner)).status).toBe(204);
    expect(await isIn(owner)).toBe(false);
    expect((await page.enterCode(recoveryCodes[0] ?? "")).status).toBe(409);
    expect(await new SignInPage(usher, owner).enterPassword()).toBe("signed in");
    const { email } = owner.user;
    expect(await events("two-factor.disable")).toEqual([
      { actorEmail: admin.user.email, details: { email, by: "admin" } },
    ]);
  });

  it("does not reset their own without password or code", async () => {
    await turnOnTwoFactor(admin, clock);
    const answer = await reset(admin, admin);
    expect(answer.status).toBe(409);
    expect((await answer.json()).error.message).toContain("under Your account");
    expect(await new SignInPage(usher, admin).enterPassword()).toBe("code required");
  });

  it("who is the only one and lost everything has it removed on the server", async () => {
    await turnOnTwoFactor(admin, clock);
    const { email } = admin.user;
    expect(await createResetLinkAsOperator(usher.app, email)).toMatchObject({ twoFactor: "kept" });
    expect(await new SignInPage(usher, admin).enterPassword()).toBe("code required");
    const removed = await createResetLinkAsOperator(usher.app, email, { removesTwoFactor: true });
    expect(removed).toMatchObject({ kind: "created", twoFactor: "removed" });
    expect(await isIn(admin)).toBe(false);
    expect(await new SignInPage(usher, admin).enterPassword()).toBe("signed in");
    expect(await events("two-factor.disable")).toEqual([
      { actorEmail: null, details: { email, by: "command line" } },
    ]);
    const again = await createResetLinkAsOperator(usher.app, email, { removesTwoFactor: true });
    expect(again).toMatchObject({ kind: "refused" });
  });
});
