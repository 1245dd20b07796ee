import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as sessionsRoute } from "@/app/api/account/sessions/route";
import { POST as linkRoute } from "@/app/api/people/[userId]/reset-link/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { POST as resetRoute } from "@/app/api/reset-password/route";
import { twoFactorPerAccount, twoFactorPerNetwork } from "@/lib/session/rate-limit";
import { seal } from "@/lib/vault/sealed-box";
import { codeAt } from "@/tests/support/authenticator";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { dumpDatabase } from "@/tests/support/postgres";
import { SignInPage, type TwoFactor, turnOnTwoFactor } from "@/tests/support/two-factor";
import { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let clock: Clock;
let admin: Visitor;
let owner: Visitor;
let twoFactor: TwoFactor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  owner = await usher.join("MEMBER");
  twoFactor = await turnOnTwoFactor(owner, clock);
});
afterEach(() => usher.close());

const code = (stepsLater = 0) => codeAt(twoFactor.secret, clock.now(), stepsLater);
/** Six digits that are valid neither now nor just before or after. */
const wrongCode = () => {
  const right = [code(-1), code(), code(1)];
  return ["000000", "111111", "222222", "333333"].find((each) => !right.includes(each)) ?? "";
};
const isIn = async (visitor: Visitor) =>
  (await visitor.visit(sessionsRoute, { path: "/api/account/sessions" })).status === 200;
const events = async (action: string) =>
  (await usher.app.db.auditEvent.findMany({ where: { action } })).map(({ details }) => details);

async function passwordEntered(ipAddress: string | null = null): Promise<SignInPage> {
  const page = new SignInPage(usher, owner, ipAddress);
  expect(await page.enterPassword()).toBe("code required");
  return page;
}

async function expectRefused(answer: Response): Promise<void> {
  expect(answer.status).toBe(400);
  expect((await answer.json()).error.fields).toEqual({
    code: "That code is incorrect or has already been used.",
  });
}

const another = async (): Promise<[Visitor, TwoFactor]> => {
  const visitor = await usher.join("MEMBER", "Mal Member");
  return [visitor, await turnOnTwoFactor(visitor, clock)];
};

describe("signing in with two-factor authentication", () => {
  it("requires the password and then a code, and only the code starts a session", async () => {
    const before = await usher.app.db.session.count();
    const page = await passwordEntered();
    expect(await isIn(page.browser)).toBe(false);
    expect(await usher.app.db.session.count()).toBe(before);
    expect(await events("sign-in")).toEqual([]);
    expect((await page.enterCode(code())).status).toBe(204);
    expect(await isIn(page.browser)).toBe(true);
    expect(await events("sign-in")).toEqual([{ by: "password" }]);
  });

  it("accepts the previous code and the next one, but none further away", async () => {
    for (const stepsLater of [-2, 2]) {
      await expectRefused(await (await passwordEntered()).enterCode(code(stepsLater)));
    }
    clock.advance(60_000);
    expect((await (await passwordEntered()).enterCode(code(-1))).status).toBe(204);
    expect((await (await passwordEntered()).enterCode(code(1))).status).toBe(204);
  });

  it("accepts the app that an earlier version stored, under the names it stored it", async () => {
    const { keyring, db } = usher.app;
    const place = { table: "SecondStep", column: "secretSealed", rowId: admin.user.id };
    const secretSealed = seal(keyring, twoFactor.secret, place);
    await db.$executeRaw`
      INSERT INTO "SecondStep" ("id", "userId", "secretSealed", "createdAt")
      VALUES ('earlier', ${admin.user.id}, ${secretSealed}, now())`;
    await db.$executeRaw`
      UPDATE "User" SET "secondStepSince" = now() WHERE "id" = ${admin.user.id}`;
    const page = new SignInPage(usher, admin);
    expect(await page.enterPassword()).toBe("code required");
    expect((await page.enterCode(code())).status).toBe(204);
  });

  it("answers a wrong password as it does without two-factor authentication", async () => {
    const page = new SignInPage(usher, owner);
    expect(await page.enterPassword("guessed")).toBe("refused");
    expect(page.browser.cookies.size).toBe(0);
  });
});

describe("a code", () => {
  it("works once: not when replayed, and not in two browsers at the same time", async () => {
    const used = code();
    expect((await (await passwordEntered()).enterCode(used)).status).toBe(204);
    await expectRefused(await (await passwordEntered()).enterCode(used));
    clock.advance(30_000);
    const pages = [await passwordEntered(), await passwordEntered(), await passwordEntered()];
    const statuses = (await Promise.all(pages.map((each) => each.enterCode(code())))).map(
      ({ status }) => status,
    );
    expect(statuses.toSorted()).toEqual([204, 400, 400]);
  });

  it("that confirmed the app does not sign in", async () => {
    clock.advance(-30_000);
    await expectRefused(await (await passwordEntered()).enterCode(code()));
  });

  it("older than the last used one does not work", async () => {
    expect((await (await passwordEntered()).enterCode(code(1))).status).toBe(204);
    await expectRefused(await (await passwordEntered()).enterCode(code()));
  });

  it("of another person is refused", async () => {
    const [, other] = await another();
    await expectRefused(
      await (await passwordEntered()).enterCode(codeAt(other.secret, clock.now())),
    );
    await expectRefused(await (await passwordEntered()).enterCode(other.recoveryCodes[0] ?? ""));
  });

  it("without the password is refused, even from a signed-in browser", async () => {
    for (const browser of [new SignInPage(usher, owner).browser, owner]) {
      const page = new SignInPage(usher, owner);
      for (const [name, value] of browser.cookies) page.browser.cookies.set(name, value);
      const answer = await page.enterCode(code());
      expect(answer.status).toBe(409);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it("expires after five minutes", async () => {
    const page = await passwordEntered();
    clock.advance(5 * 60_000);
    expect((await page.enterCode(code())).status).toBe(409);
    expect(await isIn(page.browser)).toBe(false);
  });

  it("is useless with another person's password step, or a forged one", async () => {
    const [mal, malsTwoFactor] = await another();
    const page = new SignInPage(usher, mal);
    expect(await page.enterPassword()).toBe("code required");
    const [name = "", value = ""] = [...page.browser.cookies].find(([each]) =>
      each.includes("two-factor"),
    ) ?? [""];
    expect(value).toContain(mal.user.id);
    page.browser.cookies.set(name, value.replace(mal.user.id, owner.user.id));
    expect((await page.enterCode(code())).status).toBe(409);
    page.browser.cookies.set(
      name,
      value.replace(/\d{10}/, (at) => `${Number(at) + 9_999}`),
    );
    expect((await page.enterCode(codeAt(malsTwoFactor.secret, clock.now()))).status).toBe(409);
    page.browser.cookies.set(name, value);
    await expectRefused(await page.enterCode(code()));
  });
});

describe("an attacker who knows the password and guesses codes", () => {
  it("is stopped in one network, which then cannot recognize a correct code", async () => {
    const page = await passwordEntered("203.0.113.7");
    for (let tries = 0; tries < twoFactorPerNetwork.limit; tries += 1) {
      await expectRefused(await page.enterCode(wrongCode()));
    }
    expect((await page.enterCode(code())).status).toBe(429);
    expect(await isIn(page.browser)).toBe(false);
    expect((await events("sign-in.refused")).length).toBe(twoFactorPerNetwork.limit);
    const elsewhere = await passwordEntered("198.51.100.1");
    expect((await elsewhere.enterCode(code())).status).toBe(204);
  });

  it("is stopped for a day from everywhere, and the owner signs in with a recovery code", async () => {
    for (let tries = 0; tries < twoFactorPerAccount.limit; tries += 1) {
      await expectRefused(
        await (await passwordEntered(`100.64.${tries}.1`)).enterCode(wrongCode()),
      );
    }
    const page = await passwordEntered("198.51.100.1");
    expect((await page.enterCode(code())).status).toBe(429);
    expect((await page.enterCode(twoFactor.recoveryCodes[0] ?? "")).status).toBe(204);
    clock.advance(23 * 60 * 60_000);
    expect((await (await passwordEntered("198.51.100.2")).enterCode(code())).status).toBe(429);
    clock.advance(2 * 60 * 60_000);
    expect((await (await passwordEntered("198.51.100.3")).enterCode(code())).status).toBe(204);
  });

  it("does not start from zero when the owner signs in", async () => {
    for (let tries = 1; tries < twoFactorPerAccount.limit; tries += 1) {
      await expectRefused(
        await (await passwordEntered(`100.64.${tries}.1`)).enterCode(wrongCode()),
      );
    }
    expect((await (await passwordEntered("198.51.100.1")).enterCode(code())).status).toBe(204);
    await expectRefused(await (await passwordEntered("198.51.100.2")).enterCode(wrongCode()));
    expect((await (await passwordEntered("198.51.100.3")).enterCode(code())).status).toBe(429);
  });
});

describe("a recovery code", () => {
  it("works once, in any spelling, and leaves an event without the code", async () => {
    const [first = "", second = ""] = twoFactor.recoveryCodes;
    expect(twoFactor.recoveryCodes).toHaveLength(10);
    expect((await (await passwordEntered()).enterCode(first)).status).toBe(204);
    await expectRefused(await (await passwordEntered()).enterCode(first));
    const capitals = second.toUpperCase().replaceAll("-", " ");
    expect((await (await passwordEntered()).enterCode(capitals)).status).toBe(204);
    expect(await events("two-factor.recovery-code")).toEqual([{ left: 9 }, { left: 8 }]);
  });

  it("is stored as a hash, and the app's secret sealed", async () => {
    const dump = await dumpDatabase(usher.database.url);
    expect(dump).toContain("SecondStep");
    for (const secret of [twoFactor.secret, ...twoFactor.recoveryCodes]) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(secret.replaceAll("-", ""));
    }
  });
});

describe("a reset link", () => {
  it("sets the password and starts no session: the sign-in asks for the code", async () => {
    const made = await admin.visit(linkRoute, {
      path: `/api/people/${owner.user.id}/reset-link`,
      params: { userId: owner.user.id },
      method: "POST",
    });
    const token = (await made.json()).link.split("/").at(-1);
    const before = await passwordEntered();
    const browser = new Visitor(owner.user, {});
    const password = "an entirely new phrase";
    const answer = await browser.visit(resetRoute, {
      path: "/api/reset-password",
      json: { token, password },
    });
    expect(await answer.json()).toEqual({ signedIn: false });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await usher.app.db.session.count({ where: { userId: owner.user.id } })).toBe(0);
    // The old password was right in this browser, and no longer counts.
    expect((await before.enterCode(code())).status).toBe(409);
    const page = new SignInPage(usher, owner);
    expect(await page.enterPassword(password)).toBe("code required");
    expect((await page.enterCode(code())).status).toBe(204);
  });
});

describe("a person who is disabled between password and code", () => {
  it("does not get in", async () => {
    const page = await passwordEntered();
    const change = (json: object) =>
      admin.visit(personRoute, {
        path: `/api/people/${owner.user.id}`,
        params: { userId: owner.user.id },
        method: "PATCH",
        json,
      });
    expect((await change({ disabled: true })).status).toBe(200);
    expect((await page.enterCode(code())).status).toBe(409);
    expect(await new SignInPage(usher, owner).enterPassword()).toBe("refused");
    // Once enabled, they enter their password again.
    expect((await change({ disabled: false })).status).toBe(200);
    expect((await page.enterCode(code())).status).toBe(409);
  });
});
