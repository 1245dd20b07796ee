import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deleteAuditEventsBefore } from "@/lib/db/audit-event";
import { deleteOutlived } from "@/lib/tokens/refresh-sweep";
import { type Installation, startInstallation } from "@/tests/support/installation";

const dayMs = 24 * 60 * 60_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs);

let usher: Installation;
afterEach(() => usher.close());

async function addConversation(title: string, updatedAt: Date, turnUntil: Date | null = null) {
  const { user } = await usher.join("MEMBER");
  const { db } = usher.app;
  const { id } = await db.conversation.create({ data: { userId: user.id, title, turnUntil } });
  await db.message.create({
    data: { id: randomUUID(), conversationId: id, role: "user", parts: [], position: 1 },
  });
  await db.conversation.update({ where: { id }, data: { updatedAt } });
}

async function addEvent(action: string, at: Date) {
  await usher.app.db.auditEvent.create({ data: { action, at } });
}

async function titles(): Promise<string[]> {
  const rows = await usher.app.db.conversation.findMany({ orderBy: { title: "asc" } });
  return rows.map(({ title }) => title);
}

async function actions(): Promise<string[]> {
  const rows = await usher.app.db.auditEvent.findMany({
    where: { action: { startsWith: "test." } },
  });
  return rows.map(({ action }) => action).toSorted();
}

describe("the sweep", () => {
  it("keeps everything unless a retention period is set", async () => {
    usher = await startInstallation();
    await addConversation("Old", daysAgo(3_000));
    await addEvent("test.old", daysAgo(3_000));
    await deleteOutlived(usher.app);
    expect(await titles()).toEqual(["Old"]);
    expect(await actions()).toEqual(["test.old"]);
  });

  it("deletes conversations without activity in that time, and none that is being answered", async () => {
    usher = await startInstallation({ env: { CONVERSATION_RETENTION_DAYS: "90" } });
    await addConversation("Being answered", daysAgo(91), new Date(Date.now() + 60_000));
    await addConversation("Old", daysAgo(91));
    await addConversation("Young", daysAgo(89));
    await deleteOutlived(usher.app);
    expect(await titles()).toEqual(["Being answered", "Young"]);
    expect(await usher.app.db.message.count()).toBe(2);
  });

  it("deletes old audit events, a few thousand at a time", async () => {
    usher = await startInstallation({ env: { AUDIT_RETENTION_DAYS: "30" } });
    await addEvent("test.young", daysAgo(29));
    await usher.app.db.auditEvent.createMany({
      data: Array.from({ length: 10_050 }, (_, at) => ({
        action: "test.old",
        at: daysAgo(31 + at / 1_000),
      })),
    });
    await deleteOutlived(usher.app);
    expect(await actions()).toHaveLength(51);
    await deleteOutlived(usher.app);
    expect(await actions()).toEqual(["test.young"]);
  });
});

describe("the audit's search index", () => {
  const names = async () => {
    const rows = await usher.app.db.auditName.findMany({ where: { field: "person" } });
    return rows.map(({ value }) => value).toSorted();
  };
  const add = (actorEmail: string, at: Date) =>
    usher.app.db.auditEvent.create({ data: { action: "test.old", actorEmail, at } });

  it("loses an address with its last event", async () => {
    usher = await startInstallation({ env: { AUDIT_RETENTION_DAYS: "30" } });
    await add("gone@example.com", daysAgo(40));
    await add("here@example.com", daysAgo(40));
    await add("here@example.com", daysAgo(3));
    expect(await names()).toEqual(["gone@example.com", "here@example.com"]);
    await deleteOutlived(usher.app);
    expect(await names()).toEqual(["here@example.com"]);
    await add("gone@example.com", daysAgo(1));
    expect(await names()).toEqual(["gone@example.com", "here@example.com"]);
  });

  it("loses an account with its last event", async () => {
    usher = await startInstallation({ env: { AUDIT_RETENTION_DAYS: "30" } });
    const { db } = usher.app;
    const call = (details: object, at: Date) =>
      db.auditEvent.create({ data: { action: "test.old", details, at } });
    await call({ actingAs: "gone@crm.example" }, daysAgo(40));
    await call({ account: "here@crm.example" }, daysAgo(40));
    await call({ actingAs: "here@crm.example", account: "unused" }, daysAgo(3));
    await deleteOutlived(usher.app);
    const accounts = await db.auditName.findMany({ where: { field: "account" } });
    expect(accounts.map(({ value }) => value)).toEqual(["here@crm.example"]);
  });

  it("keeps the address of an event that is inserted in the meantime", async () => {
    usher = await startInstallation();
    await add("busy@example.com", daysAgo(40));
    let deletion: Promise<number> | undefined;
    await usher.app.db.$transaction(async (tx) => {
      const data = { action: "test.new", actorEmail: "busy@example.com" };
      await tx.auditEvent.create({ data });
      deletion = deleteAuditEventsBefore(usher.app.db, daysAgo(30), 10);
      await vi.waitFor(async () => {
        const [row] = await tx.$queryRaw<{ waiting: number }[]>`
          SELECT count(*)::int AS waiting FROM pg_locks
          WHERE NOT granted AND relation = '"AuditName"'::regclass`;
        expect(row?.waiting).toBe(1);
      }, 10_000);
    });
    expect(await deletion).toBe(1);
    expect(await names()).toEqual(["busy@example.com"]);
  });
});

describe("the database", () => {
  it("deletes no audit event that is younger than the shortest retention, whoever asks", async () => {
    usher = await startInstallation();
    await addEvent("test.young", daysAgo(28));
    await addEvent("test.old", daysAgo(31));
    const refused = /append-only: DELETE is refused/;
    await expect(deleteAuditEventsBefore(usher.app.db, new Date(), 10)).rejects.toThrow(refused);
    await expect(
      usher.app.db.$executeRaw`DELETE FROM "AuditEvent" WHERE action = 'test.old'`,
    ).rejects.toThrow(refused);
    expect(await actions()).toEqual(["test.old", "test.young"]);
  });
});
