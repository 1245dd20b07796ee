import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WebhookEventType } from "@/lib/contracts/webhooks";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { publishEvent } from "@/lib/webhooks/publish-event";
import { newSigningSecret, sealSigningSecret } from "@/lib/webhooks/signing-secret";
import { type Installation, startInstallation } from "@/tests/support/installation";

let usher: Installation;

beforeEach(async () => {
  usher = await startInstallation();
});
afterEach(() => usher.close());

async function addWebhook(eventTypes: WebhookEventType[], enabled = true): Promise<string> {
  const { db, keyring } = usher.app;
  const id = randomUUID();
  const secretSealed = sealSigningSecret(keyring, id, "secretSealed", newSigningSecret());
  // Nobody listens there; what is sent does not concern these tests.
  const url = "https://127.0.0.1:9/";
  await db.webhook.create({ data: { id, url, eventTypes, enabled, secretSealed } });
  return id;
}

const notice = (words: string) => ({
  type: "notice.opened" as const,
  at: new Date(),
  data: { words },
});

describe("an event", () => {
  it("goes to each enabled webhook that subscribed to its type, and to no other", async () => {
    const first = await addWebhook(["notice.opened"]);
    const second = await addWebhook(["audit.event", "notice.opened"]);
    await addWebhook(["notice.closed"]);
    await addWebhook(["notice.opened"], false);
    await publishEvent(usher.app.db, notice("A token was refused"));
    const deliveries = await usher.app.db.webhookDelivery.findMany({ include: { event: true } });
    expect(deliveries.map(({ webhookId }) => webhookId).toSorted()).toEqual(
      [first, second].toSorted(),
    );
    for (const { event } of deliveries) {
      expect(event).toMatchObject({
        id: expect.stringMatching(/^msg_[\da-f]{32}$/),
        type: "notice.opened",
        data: { words: "A token was refused" },
      });
    }
    expect(await usher.app.db.webhookEvent.count()).toBe(1);
  });

  it("without a subscriber leaves nothing behind", async () => {
    await addWebhook(["notice.closed"]);
    await publishEvent(usher.app.db, notice("Nobody asked"));
    await insertAuditEvent(usher.app.db, { action: "test.event", actorId: null, actorEmail: null });
    expect(await usher.app.db.webhookEvent.count()).toBe(0);
    expect(await usher.app.db.webhookDelivery.count()).toBe(0);
  });

  it("is rolled back with the transaction that published it", async () => {
    await addWebhook(["notice.opened"]);
    const { db } = usher.app;
    const failing = db.$transaction(async (tx) => {
      await publishEvent(db, notice("Never happened"), tx);
      throw new Error("undone");
    });
    await expect(failing).rejects.toThrow("undone");
    expect(await db.webhookEvent.count()).toBe(0);
  });

  it("of the audit contains what the audit records, once", async () => {
    await addWebhook(["audit.event"]);
    const { db } = usher.app;
    await insertAuditEvent(db, {
      ...{ action: "test.event", actorId: "ann", actorEmail: "ann@example.com" },
      details: { words: "changed" },
    });
    const told = await db.auditEvent.findFirstOrThrow();
    const event = await db.webhookEvent.findFirstOrThrow();
    expect(event).toMatchObject({
      id: `msg_${told.id.replaceAll("-", "")}`,
      at: told.at,
      data: {
        ...{ id: told.id, action: "test.event", actorId: "ann", actorEmail: "ann@example.com" },
        ...{ serverId: null, ipAddress: null, details: { words: "changed" } },
      },
    });
  });
});
