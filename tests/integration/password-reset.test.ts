import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as passwordRoute } from "@/app/api/account/password/route";
import { GET as sessionsRoute } from "@/app/api/account/sessions/route";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { GET as auditRoute } from "@/app/api/audit/route";
import { POST as linkRoute } from "@/app/api/people/[userId]/reset-link/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { GET as peopleRoute } from "@/app/api/people/route";
import { POST as resetRoute } from "@/app/api/reset-password/route";
import { openPasswordReset } from "@/lib/people/password-reset";
import { resetPerClient, signInPerAddress } from "@/lib/session/rate-limit";
import { signInWithPassword } from "@/lib/session/sign-in";
import { deleteOutlived } from "@/lib/tokens/refresh-sweep";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, visitorFor } from "@/tests/support/installation";
import { dumpDatabase } from "@/tests/support/postgres";
import { Visitor } from "@/tests/support/visitor";

const newPassword = "an entirely new phrase";
const hourMs = 60 * 60_000;

let usher: Installation;
let clock: Clock;
let boss: Visitor;
let admin: Visitor;
let member: Visitor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  boss = await usher.join("ADMIN", "Bo Boss");
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
});
afterEach(() => usher.close());

const askForLink = (who: Visitor, whose: Visitor) =>
  who.visit(linkRoute, {
    path: `/api/people/${whose.user.id}/reset-link`,
    params: { userId: whose.user.id },
    method: "POST",
  });

async function createLink(whose = member, who = admin): Promise<string> {
  const response = await askForLink(who, whose);
  expect(response.status).toBe(201);
  return tokenOf((await response.json()).link);
}

const tokenOf = (link: string) => link.split("/").at(-1) ?? "";
/** A person who is not signed in. */
const browser = () => new Visitor(member.user, {});

function reset(token: string, options: { as?: Visitor; from?: string; password?: string } = {}) {
  const { as = browser(), from, password = newPassword } = options;
  return as.visit(resetRoute, {
    path: "/api/reset-password",
    json: { token, password },
    headers: from ? { "x-forwarded-for": from } : {},
  });
}

const change = (whose: Visitor, json: object) =>
  boss.visit(personRoute, {
    path: `/api/people/${whose.user.id}`,
    params: { userId: whose.user.id },
    method: "PATCH",
    json,
  });
const signIn = ({ user }: Visitor, password: string, ipAddress: string | null = null) =>
  signInWithPassword(usher.app, { email: user.email, password, ipAddress });
const oldPassword = ({ user }: Visitor) => `password of ${user.email}`;
const isIn = async (visitor: Visitor) =>
  (await visitor.visit(assistantsRoute, { path: "/api/assistants" })).status === 200;
const isAdmin = async (visitor: Visitor) =>
  (await visitor.visit(peopleRoute, { path: "/api/people" })).status === 200;
async function waitingStatements(): Promise<number> {
  const [row] = await usher.app.db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}
const passwordStays = async (whose: Visitor) => {
  const { passwordHash } = await usher.app.db.user.findUniqueOrThrow({
    where: { id: whose.user.id },
  });
  expect(passwordHash).toBe(whose.user.passwordHash);
};

describe("a reset link", () => {
  it("sets the password, ends every other session, and signs this browser in", async () => {
    const elsewhere = await visitorFor(usher.app, member.user);
    const token = await createLink();
    const here = browser();
    const response = await reset(token, { as: here });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await Promise.all([isIn(here), isIn(elsewhere), isIn(member)])).toEqual([
      true,
      false,
      false,
    ]);
    expect(await signIn(member, oldPassword(member))).toBeNull();
    expect(await signIn(member, newPassword)).toMatchObject({ id: member.user.id });
    const list = await here.visit(sessionsRoute, { path: "/api/account/sessions" });
    expect((await list.json()).sessions).toHaveLength(1);
  });

  it("is not used up by looking at it", async () => {
    const token = await createLink();
    for (let looks = 0; looks < 3; looks += 1) {
      const { email } = await openPasswordReset(usher.app, token);
      expect(email).toBe(member.user.email);
    }
    expect((await reset(token)).status).toBe(200);
  });

  it("is not used up by a password that is refused", async () => {
    const token = await createLink();
    const refused = await reset(token, { password: "short" });
    expect(refused.status).toBe(400);
    expect((await refused.json()).error.fields).toEqual({
      password: "Use at least 12 characters.",
    });
    expect((await reset(token)).status).toBe(200);
  });

  it("works once", async () => {
    const token = await createLink();
    await reset(token);
    const again = await reset(token, { password: "yet another long phrase" });
    expect(again.status).toBe(404);
    expect(again.headers.getSetCookie()).toEqual([]);
    expect((await again.json()).error.message).toContain("Ask an admin for a new link");
    expect(await signIn(member, newPassword)).not.toBeNull();
  });

  it("works for only one of many concurrent requests", async () => {
    const token = await createLink();
    const passwords = Array.from({ length: 6 }, (_, index) => `the password number ${index}`);
    const answers = await Promise.all(passwords.map((password) => reset(token, { password })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 404, 404, 404, 404, 404]);
    const winner = passwords[statuses.indexOf(200)] ?? "";
    expect(await signIn(member, winner)).not.toBeNull();
    expect(await usher.app.db.session.count({ where: { userId: member.user.id } })).toBe(1);
  });

  it("ends when a second one is created, by any admin", async () => {
    const first = await createLink(member, admin);
    const second = await createLink(member, boss);
    expect((await reset(first)).status).toBe(404);
    await passwordStays(member);
    expect((await reset(second)).status).toBe(200);
  });

  it("is the only one left when two are created at the same time", async () => {
    const tokens = await Promise.all([createLink(member, admin), createLink(member, boss)]);
    const statuses = [];
    for (const token of tokens) statuses.push((await reset(token)).status);
    expect(statuses.toSorted()).toEqual([200, 404]);
  });

  it("expires after 24 hours, and is then deleted", async () => {
    const token = await createLink();
    clock.advance(24 * hourMs);
    expect((await reset(token)).status).toBe(404);
    await expect(openPasswordReset(usher.app, token)).rejects.toMatchObject({ code: "not_found" });
    await passwordStays(member);
    clock.advance(1);
    await deleteOutlived(usher.app);
    expect(await usher.app.db.passwordReset.count()).toBe(0);
  });

  it("ends when its person changes the password by other means", async () => {
    const token = await createLink();
    const changed = await member.visit(passwordRoute, {
      path: "/api/account/password",
      json: { currentPassword: oldPassword(member), newPassword },
    });
    expect(changed.status).toBe(204);
    expect((await reset(token, { password: "the thief's own phrase" })).status).toBe(404);
    expect(await signIn(member, newPassword)).not.toBeNull();
  });

  it("opens its own account, whatever else the request or the browser says", async () => {
    const token = await createLink();
    const eve = await usher.join("MEMBER", "Eve Member");
    const response = await eve.visit(resetRoute, {
      path: "/api/reset-password",
      json: {
        ...{ token, password: newPassword, role: "ADMIN" },
        ...{ userId: admin.user.id, email: admin.user.email },
      },
    });
    expect(response.status).toBe(200);
    expect(await isAdmin(eve)).toBe(false);
    const signedIn = await eve.visit(sessionsRoute, { path: "/api/account/sessions" });
    expect(signedIn.status).toBe(200);
    await passwordStays(admin);
    await passwordStays(eve);
    expect(await signIn(member, newPassword)).toMatchObject({ role: "MEMBER" });
  });

  it("is stored as a hash, and appears in no list, no audit and only the first response", async () => {
    const token = await createLink();
    const list = await (await admin.visit(peopleRoute, { path: "/api/people" })).text();
    const refused = await (await reset(token, { password: "short" })).text();
    expect(await dumpDatabase(usher.database.url)).not.toContain(token);
    await reset(token);
    const again = await (await reset(token)).text();
    const audit = await (await admin.visit(auditRoute, { path: "/api/audit" })).text();
    expect(list + refused + again + audit).not.toContain(token);
    expect(list).not.toMatch(/reset|token/i);
    expect(await dumpDatabase(usher.database.url)).not.toContain(token);
  });

  it("is recorded in the audit: who created it for whom, and that it was used", async () => {
    await reset(await createLink(), { from: "192.0.2.7" });
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: { in: ["person.create-reset-link", "person.reset-password", "sign-in"] } },
      orderBy: { at: "asc" },
    });
    expect(events).toMatchObject([
      {
        action: "person.create-reset-link",
        actorEmail: admin.user.email,
        details: { email: member.user.email },
      },
      {
        action: "person.reset-password",
        actorEmail: member.user.email,
        ipAddress: "192.0.2.7",
      },
      { action: "sign-in", actorEmail: member.user.email },
    ]);
  });
});

describe("a reset link is created", () => {
  it("by admins only", async () => {
    expect((await askForLink(member, admin)).status).toBe(403);
    expect((await askForLink(browser(), admin)).status).toBe(401);
    expect(await usher.app.db.passwordReset.count()).toBe(0);
  });

  it("not for one's own account: a stolen session would need no current password", async () => {
    const response = await askForLink(admin, admin);
    expect(response.status).toBe(409);
    expect((await response.json()).error.message).toContain("Change your own password in Settings");
    expect(await usher.app.db.passwordReset.count()).toBe(0);
  });

  it("not for a disabled person, and the refusal says so", async () => {
    await change(member, { disabled: true });
    const response = await askForLink(admin, member);
    expect(response.status).toBe(409);
    expect((await response.json()).error.message).toContain(
      "is disabled. Enable the account first",
    );
  });

  it("not for an account with single sign-on only, and the refusal says what to do", async () => {
    await usher.app.db.user.update({
      where: { id: member.user.id },
      data: { passwordHash: null },
    });
    const response = await askForLink(admin, member);
    expect(response.status).toBe(409);
    expect((await response.json()).error.message).toContain("at the identity provider");
    expect(await usher.app.db.passwordReset.count()).toBe(0);
  });

  it("not for an unknown person", async () => {
    const nobody = new Visitor({ ...member.user, id: crypto.randomUUID() }, {});
    expect((await askForLink(admin, nobody)).status).toBe(404);
  });
});

describe("rights are asked again when the link is used", () => {
  const losses: [string, object][] = [
    ["demoted", { role: "MEMBER" }],
    ["disabled", { disabled: true }],
  ];
  it.each(losses)("one by an admin who has since been %s does nothing", async (_, loss) => {
    const token = await createLink();
    await change(admin, loss);
    await expect(openPasswordReset(usher.app, token)).rejects.toMatchObject({ code: "not_found" });
    expect((await reset(token)).status).toBe(404);
    await passwordStays(member);
  });

  it("one for a person disabled since admits no one, and enabling does not revive it", async () => {
    const token = await createLink();
    await change(member, { disabled: true });
    const here = browser();
    expect((await reset(token, { as: here })).status).toBe(404);
    expect(await isIn(here)).toBe(false);
    await change(member, { disabled: false });
    expect((await reset(token)).status).toBe(404);
    await passwordStays(member);
  });

  it("one for an admin demoted since creates no admin", async () => {
    const other = await usher.join("ADMIN", "Olga Other");
    const token = await createLink(other);
    await change(other, { role: "MEMBER" });
    const here = browser();
    expect((await reset(token, { as: here })).status).toBe(200);
    expect(await isIn(here)).toBe(true);
    expect(await isAdmin(here)).toBe(false);
  });

  /** Disables the member, as `changeUser` does; held open until `act` has come as far as it can. */
  async function whileDisabling(act: () => Promise<Response>): Promise<Response> {
    const { id } = member.user;
    let acting: Promise<Response> | undefined;
    const patient = { timeout: 60_000 };
    await usher.app.db.$transaction(async (tx) => {
      await tx.$executeRaw`LOCK TABLE "User" IN SHARE ROW EXCLUSIVE MODE`;
      acting = act();
      await expect.poll(waitingStatements, patient).toBe(1);
      await tx.session.deleteMany({ where: { userId: id } });
      await tx.passwordReset.deleteMany({ where: { userId: id } });
      const data = { disabledAt: clock.now(), sessionVersion: { increment: 1 } };
      await tx.user.update({ where: { id }, data });
    }, patient);
    if (!acting) throw new Error("Nothing was done.");
    return acting;
  }

  it("no one gets in who is being disabled at that moment, and the two do not deadlock", async () => {
    const token = await createLink();
    const here = browser();
    expect((await whileDisabling(() => reset(token, { as: here }))).status).toBe(404);
    expect(await isIn(here)).toBe(false);
    await passwordStays(member);
  });

  it("a password change and disabling do not deadlock either", async () => {
    const changed = await whileDisabling(() =>
      member.visit(passwordRoute, {
        path: "/api/account/password",
        json: { currentPassword: oldPassword(member), newPassword },
      }),
    );
    expect(changed.status).toBe(204);
    expect(await isIn(member)).toBe(false);
  });
});

describe("limits", () => {
  const here = "203.0.113.7";

  it("on wrong passwords do not stop a person with a link, nor their next sign-in from there", async () => {
    for (let tries = 0; tries < signInPerAddress.limit; tries += 1) {
      await signIn(member, "mistyped", here);
    }
    const limited = { code: "rate_limited" };
    await expect(signIn(member, oldPassword(member), here)).rejects.toMatchObject(limited);
    const token = await createLink();
    const browserHere = browser();
    expect((await reset(token, { as: browserHere, from: here })).status).toBe(200);
    expect(await isIn(browserHere)).toBe(true);
    expect(await signIn(member, newPassword, here)).not.toBeNull();
  });

  it("on wrong passwords stay in place for everyone else", async () => {
    for (let tries = 0; tries < signInPerAddress.limit; tries += 1) {
      await signIn(admin, "guessed", here);
    }
    await reset(await createLink(), { from: here });
    await expect(signIn(admin, "guessed", here)).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("slow down guessing, and count a whole IPv6 network as one", async () => {
    const addressOf = (index: number) => `2001:db8:0:1:${index.toString(16)}::1`;
    for (let guess = 0; guess < resetPerClient.limit; guess += 1) {
      expect((await reset(`guess-${guess}`, { from: addressOf(guess) })).status).toBe(404);
    }
    const limited = await reset("one more guess", { from: addressOf(99) });
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toMatch(/^\d+$/);
    const elsewhere = await reset(await createLink(), { from: "2001:db8:1::1" });
    expect(elsewhere.status).toBe(200);
  });
});
