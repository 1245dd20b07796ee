import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PUT as chooseRoute, GET as readRoute } from "@/app/api/account/notice-mail/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { NoticeMail } from "@/lib/contracts/notices/notice-mail";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { createServer } from "@/lib/servers/save";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { sealTokens } from "@/lib/tokens/token-store";
import { Clock } from "@/tests/support/clock";
import {
  type Installation,
  publicUrl,
  startInstallation,
  startProvider,
} from "@/tests/support/installation";
import { type MailServer, startMailServer } from "@/tests/support/mail-server";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hourMs = 60 * 60_000;

let clock: Clock;
let provider: AuthorizationServer;
let mails: MailServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;

beforeEach(async () => {
  // An hour before the daily mail.
  clock = new Clock(new Date("2026-11-28T07:00:00Z"));
  provider = await startProvider();
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
  await provider.close();
});

const addServer = (tokenSharing: "SHARED" | "PER_USER", name: string) =>
  createServer(usher.app, oauthServerInput(provider, { name, oauth: { tokenSharing } }));

/** As the provider refused it. */
async function addRejected(serverId: string, { user }: Visitor): Promise<void> {
  const owner = { serverId, ownerKey: user.id };
  const tokens = {
    ...{ accessToken: "canary-token", refreshToken: "canary-refresh", tokenType: "Bearer" },
    ...{ scope: null, expiresAt: null, obtainedAt: clock.now() },
  };
  const sealed = sealTokens(usher.app.keyring, owner, tokens);
  await usher.app.db.storedTokenSet.create({
    data: { ...owner, userId: user.id, rejectedAt: clock.now(), ...sealed },
  });
}

/** As its callers do: several wait for one another's statements. */
const reconcile = () => usher.app.db.$within(15_000, () => reconcileNotices(usher.app));

const mend = () => usher.app.db.storedTokenSet.updateMany({ data: { rejectedAt: null } });
const deliver = () => usher.app.mail?.deliverDue();

async function sweep(): Promise<void> {
  await runRefreshSweep(usher.app, { trigger: "manual", claimForMs: 1000, concurrency: 1 });
  await deliver();
}

/** Once the refused mail is due again. */
async function sendAgain(): Promise<void> {
  mails.refusal = null;
  clock.advance(60_000);
  await deliver();
}

async function choose(who: Visitor, noticeMail: NoticeMail): Promise<void> {
  const path = "/api/account/notice-mail";
  const answer = await who.visit(chooseRoute, { path, method: "PUT", json: { noticeMail } });
  expect(answer.status).toBe(204);
}

const chosenBy = async (who: Visitor) =>
  (await who.visit(readRoute, { path: "/api/account/notice-mail" })).json();
const recipients = () => mails.received.flatMap(({ to }) => to);

describe("a notice", () => {
  it("of a shared account is mailed to admins immediately, and once", async () => {
    await addServer("SHARED", "Wiki");
    await sweep();
    await sweep();
    expect(recipients()).toEqual([admin.user.email]);
    const [mail] = mails.received;
    expect(mail?.headers.subject).toBe("Wiki: the shared account needs authorization");
    expect(mail?.text).toContain(`${publicUrl}/settings/account`);
    expect(mail?.html).not.toMatch(/<img|canary/);
  });

  it("of a person's own account is mailed to that person alone", async () => {
    await choose(member, "AT_ONCE");
    await addRejected(await addServer("PER_USER", "Mail"), member);
    await sweep();
    expect(recipients()).toEqual([member.user.email]);
    expect(mails.received[0]?.headers.subject).toBe("Mail: authorize your account again");
  });

  it("is combined with others into one mail", async () => {
    await addServer("SHARED", "Wiki");
    await addServer("SHARED", "Files");
    await sweep();
    expect(mails.received).toHaveLength(1);
    expect(mails.received[0]?.text).toMatch(/- Files: .*\n- Wiki: /);
  });

  it("by a server whose name is made to be a header stays one line of one mail", async () => {
    await addServer("SHARED", "Wiki\u2028Bcc: eve@example.com");
    await sweep();
    expect(recipients()).toEqual([admin.user.email]);
    expect(mails.received[0]?.headers).not.toHaveProperty("bcc");
  });

  it("is mailed once even if several processes look", async () => {
    await addServer("SHARED", "Wiki");
    await Promise.all(Array.from({ length: 4 }, reconcile));
    await deliver();
    expect(mails.received).toHaveLength(1);
  });

  it("that closed before its mail was sent is not mailed, and the others are", async () => {
    await choose(member, "AT_ONCE");
    mails.refusal = { at: "DATA", code: 451 };
    const wiki = await addServer("PER_USER", "Wiki");
    await addRejected(wiki, member);
    await addRejected(await addServer("PER_USER", "Files"), member);
    await sweep();
    const where = { serverId: wiki };
    await usher.app.db.storedTokenSet.updateMany({ where, data: { rejectedAt: null } });
    await sweep();
    await sendAgain();
    expect(mails.received).toHaveLength(1);
    expect(mails.received[0]?.text).toContain("Files");
    expect(mails.received[0]?.text).not.toContain("- Wiki");
  });

  it("is not mailed at all if every notice in the mail has closed", async () => {
    await choose(member, "AT_ONCE");
    mails.refusal = { at: "DATA", code: 451 };
    await addRejected(await addServer("PER_USER", "Wiki"), member);
    await sweep();
    await mend();
    await sweep();
    await sendAgain();
    expect(mails.received).toEqual([]);
    expect(await usher.app.db.outgoingMail.count()).toBe(0);
  });

  it("for admins is not mailed to a person who is no longer an admin", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await addServer("SHARED", "Wiki");
    await sweep();
    await usher.app.db.user.update({ where: { id: admin.user.id }, data: { role: "MEMBER" } });
    await sendAgain();
    expect(mails.received).toEqual([]);
  });

  it("is mailed to nobody who is disabled", async () => {
    await usher.app.db.user.update({
      where: { id: admin.user.id },
      data: { disabledAt: clock.now() },
    });
    await addServer("SHARED", "Wiki");
    await sweep();
    expect(mails.received).toEqual([]);
  });
});

describe("the daily mail", () => {
  it("lists at 08:00 UTC what is still open, once, however many processes look", async () => {
    await addRejected(await addServer("PER_USER", "Wiki"), member);
    await sweep();
    expect(mails.received).toEqual([]);
    clock.advance(hourMs);
    // Otherwise admins would be mailed that the sweep is late.
    await usher.app.db.sweepRun.create({ data: { trigger: "manual", startedAt: clock.now() } });
    await Promise.all(Array.from({ length: 4 }, reconcile));
    await sweep();
    clock.advance(24 * hourMs);
    await sweep();
    expect(recipients()).toEqual([member.user.email]);
    expect(mails.received[0]?.text).toContain("Wiki");
  });

  it("does not mention what closed before it", async () => {
    await addRejected(await addServer("PER_USER", "Wiki"), member);
    await sweep();
    await mend();
    await sweep();
    clock.advance(hourMs);
    await sweep();
    expect(mails.received).toEqual([]);
  });

  it("leaves what opens after it for the next day", async () => {
    clock.advance(2 * hourMs);
    await addRejected(await addServer("PER_USER", "Wiki"), member);
    await sweep();
    expect(mails.received).toEqual([]);
    clock.advance(23 * hourMs);
    await sweep();
    expect(mails.received).toHaveLength(1);
  });

  it("does not repeat what was mailed immediately", async () => {
    await addServer("SHARED", "Wiki");
    await sweep();
    expect(mails.received).toHaveLength(1);
    clock.advance(1000);
    await choose(admin, "DAILY");
    clock.advance(hourMs);
    await sweep();
    expect(mails.received).toHaveLength(1);
  });
});

describe("the choice", () => {
  it("is each person's own, and defaults to their role until they make one", async () => {
    expect(await chosenBy(admin)).toEqual({ noticeMail: "AT_ONCE" });
    expect(await chosenBy(member)).toEqual({ noticeMail: "DAILY" });
    await choose(member, "OFF");
    expect(await chosenBy(member)).toEqual({ noticeMail: "OFF" });
    expect(await chosenBy(admin)).toEqual({ noticeMail: "AT_ONCE" });
  });

  it("of none also stops mail that waits to be sent", async () => {
    mails.refusal = { at: "DATA", code: 451 };
    await addServer("SHARED", "Wiki");
    await sweep();
    await choose(admin, "OFF");
    await sendAgain();
    expect(mails.received).toEqual([]);
  });

  it("accepts no other value", async () => {
    const answer = await member.visit(chooseRoute, {
      ...{ path: "/api/account/notice-mail", method: "PUT", json: { noticeMail: "HOURLY" } },
    });
    expect(answer.status).toBe(400);
  });
});

it("where SMTP_URL is not set, notices open and no one is mailed", async () => {
  const plain = await startInstallation({ now: clock.now });
  await plain.join("ADMIN");
  const input = oauthServerInput(provider, { name: "Wiki", oauth: { tokenSharing: "SHARED" } });
  await createServer(plain.app, input);
  await reconcileNotices(plain.app);
  expect(await plain.app.db.notice.count()).toBe(1);
  expect(await plain.app.db.outgoingMail.count()).toBe(0);
  await plain.close();
});
