import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { POST as forgotRoute } from "@/app/api/forgot-password/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { POST as resetRoute } from "@/app/api/reset-password/route";
import { forgottenPerAddress, forgottenPerClient } from "@/lib/session/rate-limit";
import { signInWithPassword } from "@/lib/session/sign-in";
import { Clock } from "@/tests/support/clock";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { type MailServer, startMailServer } from "@/tests/support/mail-server";
import { dumpDatabase } from "@/tests/support/postgres";
import { Visitor } from "@/tests/support/visitor";

const hourMs = 60 * 60_000;
const newPassword = "an entirely new phrase";

let clock: Clock;
let mails: MailServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;

beforeEach(async () => {
  clock = new Clock();
  mails = await startMailServer();
  usher = await startInstallation({
    now: clock.now,
    env: { SMTP_URL: mails.url, EMAIL_FROM: "usher@example.com" },
  });
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER", "Mia Member");
});
afterEach(async () => {
  await usher.close();
  await mails.close();
});

const browser = () => new Visitor(member.user, {});

async function ask(email: string, from = "203.0.113.7"): Promise<Response> {
  const answer = await browser().visit(forgotRoute, {
    ...{ path: "/api/forgot-password", json: { email } },
    headers: { "x-forwarded-for": from },
  });
  return answer;
}

async function mailFor(email: string): Promise<string> {
  expect((await ask(email)).status).toBe(204);
  await usher.settle();
  return linkIn(mails.received.at(-1)?.text ?? "");
}

const linkIn = (text: string) => /\S+\/reset-password\/\S+/.exec(text)?.[0] ?? "";
const tokenOf = (link: string) => link.split("/").at(-1) ?? "";

function reset(token: string): Promise<Response> {
  const json = { token, password: newPassword };
  return browser().visit(resetRoute, { path: "/api/reset-password", json });
}

const change = (whose: Visitor, json: object) =>
  admin.visit(personRoute, {
    path: `/api/people/${whose.user.id}`,
    params: { userId: whose.user.id },
    method: "PATCH",
    json,
  });

describe("a person who forgot the password", () => {
  it("gets a link by mail, which sets a new password", async () => {
    const link = await mailFor(member.user.email);
    expect(link).toMatch(new RegExp(`^${publicUrl}/reset-password/[\\w-]{43}$`));
    expect(mails.received).toMatchObject([
      {
        to: [member.user.email],
        headers: { subject: "Set a new password for Usher", from: "Usher <usher@example.com>" },
      },
    ]);
    expect((await reset(tokenOf(link))).status).toBe(200);
    const signedIn = await signInWithPassword(usher.app, {
      ...{ email: member.user.email, password: newPassword, ipAddress: null },
    });
    expect(signedIn).toMatchObject({ id: member.user.id });
    expect((await reset(tokenOf(link))).status).toBe(404);
  });

  it("may write the address in any case, with spaces around it", async () => {
    expect(await mailFor(`  ${member.user.email.toUpperCase()} `)).toContain("/reset-password/");
  });

  it("uses the newest link, which replaces the others", async () => {
    const first = await mailFor(member.user.email);
    const second = await mailFor(member.user.email);
    expect((await reset(tokenOf(first))).status).toBe(404);
    expect((await reset(tokenOf(second))).status).toBe(200);
  });

  it("has a day to use it", async () => {
    const link = await mailFor(member.user.email);
    clock.advance(24 * hourMs);
    expect((await reset(tokenOf(link))).status).toBe(404);
  });

  it("is recorded in the audit as a person who asked by email, with the network", async () => {
    await mailFor(member.user.email);
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: "person.create-reset-link" },
    });
    expect(events).toMatchObject([
      {
        ...{ actorId: null, actorEmail: null, ipAddress: "203.0.113.7" },
        details: { email: member.user.email, by: "email" },
      },
    ]);
  });
});

describe("no mail is sent", () => {
  const people: [string, () => Promise<string>][] = [
    ["whom nobody knows", async () => "nobody@example.com"],
    [
      "who is disabled",
      async () => {
        await change(member, { disabled: true });
        return member.user.email;
      },
    ],
    [
      "who signs in by an identity provider alone",
      async () => {
        const where = { id: member.user.id };
        await usher.app.db.user.update({ where, data: { passwordHash: null } });
        return member.user.email;
      },
    ],
  ];
  it.each(people)("%s, and the answer is the same as for everybody", async (_, make) => {
    const email = await make();
    const [known, other] = [await ask(admin.user.email), await ask(email)];
    expect(await answerOf(other)).toEqual(await answerOf(known));
    await usher.settle();
    expect(mails.received.map(({ to }) => to)).toEqual([[admin.user.email]]);
    expect(await usher.app.db.passwordReset.count()).toBe(1);
    expect(await usher.app.db.outgoingMail.count()).toBe(0);
  });

  it("to a person who is disabled between the request and the mail, and the link is dead", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await ask(member.user.email);
    await usher.settle();
    expect(await usher.app.db.outgoingMail.count()).toBe(1);
    await change(member, { disabled: true });
    mails.refusal = null;
    clock.advance(hourMs);
    await usher.app.mail?.deliverDue();
    // By then an admin may have been notified that no sweep has run for an hour.
    expect(mails.received.filter(({ to }) => to.includes(member.user.email))).toEqual([]);
    expect(await usher.app.db.passwordReset.count()).toBe(0);
  });

  it("to a person whose password was set in the meantime", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await ask(member.user.email);
    await usher.settle();
    await usher.app.db.passwordReset.deleteMany();
    mails.refusal = null;
    clock.advance(hourMs);
    await usher.app.mail?.deliverDue();
    expect(mails.received).toEqual([]);
  });

  it("for anything other than a single address", async () => {
    for (const email of ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "a"]) {
      expect((await ask(email)).status, email).toBe(400);
    }
    await usher.settle();
    expect(mails.received).toEqual([]);
  });
});

describe("who has an account is not revealed", () => {
  it("by the time of the answer: no one is looked up before it", async () => {
    const { db } = usher.app;
    let answers: number[] = [];
    await db.$transaction(
      async (tx) => {
        // Every read of a person now waits until this transaction ends.
        await tx.$executeRaw`LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE`;
        const asked = [await ask(member.user.email), await ask("nobody@example.com")];
        answers = asked.map(({ status }) => status);
      },
      { timeout: 60_000 },
    );
    expect(answers).toEqual([204, 204]);
    await usher.settle();
  }, 90_000);

  it("by the limit: unknown addresses reach it like known ones", async () => {
    for (const email of [member.user.email, "nobody@example.com"]) {
      const statuses = [];
      for (let tries = 0; tries <= forgottenPerAddress.limit; tries += 1) {
        statuses.push((await ask(email, `198.51.100.${tries}`)).status);
      }
      expect(statuses).toEqual([...Array(forgottenPerAddress.limit).fill(204), 429]);
    }
    await usher.settle();
  });
});

describe("limits", () => {
  it("spare a mailbox: a few mails an hour, wherever they are requested from", async () => {
    for (let tries = 0; tries < 20; tries += 1) await ask(member.user.email, `198.51.100.${tries}`);
    await usher.settle();
    await usher.app.mail?.deliverDue();
    expect(mails.received.length).toBeGreaterThan(0);
    expect(mails.received.length).toBeLessThanOrEqual(forgottenPerAddress.limit);
    clock.advance(hourMs);
    expect((await ask(member.user.email)).status).toBe(204);
    await usher.settle();
  });

  it("stop a network that asks for many addresses, and count a whole IPv6 network as one", async () => {
    const addressOf = (index: number) => `2001:db8:0:1:${index.toString(16)}::1`;
    for (let tries = 0; tries < forgottenPerClient.limit; tries += 1) {
      expect((await ask(`guess-${tries}@example.com`, addressOf(tries))).status).toBe(204);
    }
    const limited = await ask("one-more@example.com", addressOf(99));
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await ask(member.user.email, "2001:db8:1::1")).status).toBe(204);
    await usher.settle();
  });
});

it("link, token and address appear in no log line, and the link is not readable in the database", async () => {
  const lines: string[] = [];
  for (const level of ["info", "debug", "error", "warn"] as const) {
    vi.spyOn(usher.app.log, level).mockImplementation((...line: unknown[]) => {
      lines.push(inspect(line, { depth: 9 }));
    });
  }
  mails.refusal = { at: "DATA", code: 451 };
  await ask(member.user.email);
  await usher.settle();
  const dump = await dumpDatabase(usher.database.url);
  mails.refusal = null;
  clock.advance(hourMs);
  await usher.app.mail?.deliverDue();
  const link = linkIn(mails.received[0]?.text ?? "");
  expect(link).not.toBe("");
  expect(lines.join("\n")).toContain("mail not sent yet");
  for (const secret of [tokenOf(link), member.user.email]) {
    expect(lines.join("\n")).not.toContain(secret);
  }
  expect(dump).not.toContain(tokenOf(link));
});

it("where SMTP_URL is not set, people are referred to an admin", async () => {
  const plain = await startInstallation();
  const answer = await ask(member.user.email);
  expect(answer.status).toBe(404);
  expect((await answer.json()).error.message).toContain("Ask an admin");
  await plain.close();
});

async function answerOf(response: Response) {
  const headers = Object.fromEntries(response.headers);
  const { "x-request-id": _, ...rest } = headers;
  return { status: response.status, headers: rest, body: await response.text() };
}
