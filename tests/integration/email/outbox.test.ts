import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as cronRoute } from "@/app/api/cron/refresh-tokens/route";
import { DELETE as withdrawRoute } from "@/app/api/people/invitations/[invitationId]/route";
import { POST as inviteManyRoute } from "@/app/api/people/invitations/batch/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import { createOutbox, type OutboxContext } from "@/lib/email/outbox";
import { Clock } from "@/tests/support/clock";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { type MailServer, startMailServer } from "@/tests/support/mail-server";
import { dumpDatabase } from "@/tests/support/postgres";
import type { Visitor } from "@/tests/support/visitor";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

let clock: Clock;
let mails: MailServer;
let usher: Installation;
let admin: Visitor;

beforeEach(async () => {
  clock = new Clock();
  mails = await startMailServer();
  usher = await startInstallation({
    now: clock.now,
    env: { SMTP_URL: mails.url, EMAIL_FROM: "Usher <usher@example.com>" },
  });
  admin = await usher.join("ADMIN", "Ann Admin");
});
afterEach(async () => {
  await usher.close();
  await mails.close();
});

async function invite(email = "grace@example.org"): Promise<{ id: string; link: string }> {
  const json = { email, role: "MEMBER" };
  const answer = await admin.visit(inviteRoute, { path: "/api/people/invitations", json });
  expect(answer.status).toBe(201);
  const { invitation, link, mailed } = await answer.json();
  expect(mailed).toBe(true);
  await usher.settle();
  return { id: invitation.id, link };
}

const stored = () => usher.app.db.outgoingMail.findMany({ orderBy: { createdAt: "asc" } });
const deliver = () => usher.app.mail?.deliverDue();

describe("an invitation", () => {
  it("is mailed with the link that the admin sees, and nothing of it is kept afterwards", async () => {
    const { link } = await invite();
    expect(link).toContain(`${publicUrl}/invite/`);
    expect(mails.received).toMatchObject([
      { to: ["grace@example.org"], headers: { subject: "Ann Admin invited you to Usher" } },
    ]);
    expect(mails.received[0]?.text).toContain(link);
    expect(mails.received[0]?.html).toContain(link);
    expect(await stored()).toEqual([]);
  });

  it("goes to everyone in a list, each with their own link", async () => {
    const json = { text: "ada@example.org, grace@example.org", role: "MEMBER" };
    const path = "/api/people/invitations/batch";
    const { rows, mailed } = await (await admin.visit(inviteManyRoute, { path, json })).json();
    await usher.settle();
    expect(mailed).toBe(true);
    const links = Object.fromEntries(
      rows.map((row: { email: string; link: string }) => [row.email, row.link]),
    );
    const sent = Object.fromEntries(mails.received.map(({ to, text }) => [to[0], text]));
    expect(Object.keys(sent).toSorted()).toEqual(["ada@example.org", "grace@example.org"]);
    for (const [email, link] of Object.entries(links)) expect(sent[email]).toContain(link);
  });

  it("by an admin whose name is made to be a header is one mail to one person", async () => {
    await usher.app.db.user.update({
      where: { id: admin.user.id },
      data: { name: "Ann\r\nBcc: eve@example.com\r\n\r\nHello" },
    });
    await invite();
    expect(mails.received).toMatchObject([{ to: ["grace@example.org"] }]);
    expect(mails.received[0]?.headers).not.toHaveProperty("bcc");
    expect(mails.received[0]?.headers.subject).toBe(
      "Ann Bcc: eve@example.com Hello invited you to Usher",
    );
  });
});

describe("while the mail server is unavailable", () => {
  it("a mail waits sealed, and is sent once the server is back", async () => {
    const { port } = mails;
    await mails.close();
    const { link } = await invite();
    const token = link.split("/").at(-1) ?? "";
    expect(await stored()).toMatchObject([
      { attempts: 1, lastError: "The mail server could not be reached.", leaseId: null },
    ]);
    expect(await dumpDatabase(usher.database.url)).not.toContain(token);
    mails = await startMailServer({}, port);
    await deliver();
    expect(mails.received).toEqual([]);
    clock.advance(minuteMs);
    await deliver();
    expect(mails.received[0]?.text).toContain(link);
    expect(await stored()).toEqual([]);
  });

  it("people get the same answers", async () => {
    await mails.close();
    const { link } = await invite();
    expect(link).toContain("/invite/");
    mails = await startMailServer();
  });

  it("the cron's sweep tries again", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await invite();
    mails.refusal = null;
    clock.advance(minuteMs);
    const authorization = `Bearer ${usher.app.env.cronSecret}`;
    const swept = await admin.visit(cronRoute, {
      path: "/api/cron/refresh-tokens",
      headers: { authorization },
    });
    expect(swept.status).toBe(200);
    expect(mails.received).toHaveLength(1);
  });
});

describe("a mail that is refused", () => {
  it("for now is retried for a day with growing pauses, and then abandoned", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await invite();
    const begun = clock.now().getTime();
    let attempts = 1;
    for (let [mail] = await stored(); mail; [mail] = await stored()) {
      expect(mail.attempts).toBe(attempts);
      const waits = (mail.nextAttemptAt?.getTime() ?? 0) - clock.now().getTime();
      expect(waits).toBeGreaterThan(0);
      clock.advance(waits);
      await deliver();
      attempts += 1;
    }
    expect(attempts).toBe(10);
    expect(clock.now().getTime() - begun).toBeGreaterThan(dayMs);
    expect(clock.now().getTime() - begun).toBeLessThan(2 * dayMs);
    expect(mails.received).toEqual([]);
  });

  it("permanently is not retried, and holds up no one else's", async () => {
    mails.refusal = { at: "RCPT TO", code: 550 };
    await invite();
    expect(await stored()).toEqual([]);
    mails.refusal = null;
    await invite("ada@example.org");
    expect(mails.received.map(({ to }) => to)).toEqual([["ada@example.org"]]);
  });
});

describe("a mail is sent once", () => {
  it("by several processes that look at the same time", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await invite();
    mails.refusal = null;
    clock.advance(minuteMs);
    const other = createOutbox(() => usher.app as OutboxContext, usher.app.env.email ?? never());
    await Promise.all([deliver(), other.deliverDue(), deliver()]);
    expect(mails.received).toHaveLength(1);
  });

  it("or twice with the same Message-ID, by a process that died before it could record it", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await invite();
    mails.refusal = null;
    const [before] = await stored();
    if (!before) throw new Error("Nothing is stored.");
    clock.advance(minuteMs);
    await deliver();
    // As if its deletion had been lost.
    await usher.app.db.outgoingMail.create({ data: before });
    await deliver();
    const ids = mails.received.map(({ headers }) => headers["message-id"]);
    expect(ids).toEqual([`<${before.id}@example.com>`, `<${before.id}@example.com>`]);
  });

  it("by no other process while one is sending it", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await invite();
    await usher.app.db.$executeRaw`
      UPDATE "OutgoingMail" SET "leaseId" = 'another', "leaseUntil" = now() + interval '1 hour'`;
    mails.refusal = null;
    clock.advance(minuteMs);
    await deliver();
    expect(mails.received).toEqual([]);
    await usher.app.db.$executeRaw`UPDATE "OutgoingMail" SET "leaseUntil" = now()`;
    await deliver();
    expect(mails.received).toHaveLength(1);
  });
});

describe("a mail that is no longer useful is not sent", () => {
  it("if its invitation was withdrawn", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    const { id: invitationId } = await invite();
    const withdrawn = await admin.visit(withdrawRoute, {
      path: `/api/people/invitations/${invitationId}`,
      method: "DELETE",
      params: { invitationId },
    });
    expect(withdrawn.status).toBe(204);
    mails.refusal = null;
    clock.advance(minuteMs);
    await deliver();
    expect(mails.received).toEqual([]);
    expect(await stored()).toEqual([]);
  });

  it("if a newer invitation replaced its link", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await invite();
    const { link } = await invite();
    mails.refusal = null;
    clock.advance(minuteMs);
    await deliver();
    expect(mails.received).toHaveLength(1);
    expect(mails.received[0]?.text).toContain(link);
  });
});

it("where SMTP_URL is not set, nothing is queued and the answer says so", async () => {
  const plain = await startInstallation();
  const boss = await plain.join("ADMIN");
  const json = { email: "grace@example.org", role: "MEMBER" };
  const answer = await boss.visit(inviteRoute, { path: "/api/people/invitations", json });
  expect(await answer.json()).toMatchObject({ mailed: false });
  expect(plain.app.mail).toBeNull();
  expect(await plain.app.db.outgoingMail.count()).toBe(0);
  await plain.close();
});

function never(): never {
  throw new Error("SMTP_URL is not set.");
}
