import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as resendRoute } from "@/app/api/webhooks/[webhookId]/deliveries/[deliveryId]/resend/route";
import { GET as deliveryRoute } from "@/app/api/webhooks/[webhookId]/deliveries/[deliveryId]/route";
import { GET as deliveriesRoute } from "@/app/api/webhooks/[webhookId]/deliveries/route";
import { DELETE as deleteRoute } from "@/app/api/webhooks/[webhookId]/route";
import { POST as secretRoute } from "@/app/api/webhooks/[webhookId]/secret/route";
import { POST as testRoute } from "@/app/api/webhooks/[webhookId]/test/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/webhooks/route";
import { mostWebhooks } from "@/lib/contracts/webhooks";
import { deleteOutlived } from "@/lib/tokens/refresh-sweep";
import { publishEvent } from "@/lib/webhooks/publish-event";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";
import { type Received, type Receiver, startReceiver } from "@/tests/support/webhook-receiver";
import { addWebhook, deliveriesOf, edit, input, webhookOf } from "./stage";

const hour = 60 * 60_000;
const day = 24 * hour;

let receiver: Receiver;
let clock: Clock;
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  receiver.received.length = 0;
  receiver.answer = { status: 200, body: "thanks" };
});
afterEach(() => usher.close());

async function publish(words: string): Promise<void> {
  await publishEvent(usher.app.db, { type: "notice.opened", at: clock.now(), data: { words } });
  await usher.app.webhooks.deliverDue();
}

const test = (webhookId: string) =>
  admin.visit(testRoute, {
    ...{ path: `/api/webhooks/${webhookId}/test`, method: "POST", params: { webhookId } },
  });
const rotate = (webhookId: string) =>
  admin.visit(secretRoute, {
    ...{ path: `/api/webhooks/${webhookId}/secret`, method: "POST", params: { webhookId } },
  });
const resend = (webhookId: string, deliveryId: string) =>
  admin.visit(resendRoute, {
    path: `/api/webhooks/${webhookId}/deliveries/${deliveryId}/resend`,
    ...{ method: "POST", params: { webhookId, deliveryId } },
  });

/** Whether the library accepts the request with this secret, at the clock's time. */
function accepts(secret: string, { body, headers }: Received): boolean {
  const signer = new Webhook(secret);
  const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
  const expected = signer.sign(headers["webhook-id"] ?? "", at, body);
  return (headers["webhook-signature"] ?? "").split(" ").includes(expected);
}

describe("a signing secret", () => {
  it("is shown when it is created and never again, and is stored sealed", async () => {
    const { id, secret } = await addWebhook(admin, receiver.url);
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    await test(id);
    const list = await admin.visit(listRoute, { path: "/api/webhooks" });
    const [delivery] = await deliveriesOf(admin, id);
    const deliveryId = delivery?.id ?? "";
    const path = `/api/webhooks/${id}/deliveries/${deliveryId}`;
    const detail = await admin.visit(deliveryRoute, {
      ...{ path, params: { webhookId: id, deliveryId } },
    });
    const row = await usher.app.db.webhook.findUniqueOrThrow({ where: { id } });
    const events = await usher.app.db.auditEvent.findMany();
    const everything = [await list.text(), await detail.text(), JSON.stringify([row, events])];
    expect(everything.join("\n")).not.toContain(secret.slice("whsec_".length));
    expect(row.secretSealed).toMatch(/^v1\./);
  });

  it("that was rotated signs alongside the new one for 24 hours, and no longer", async () => {
    const { id, secret: old } = await addWebhook(admin, receiver.url);
    const answer = await rotate(id);
    const { secret, webhook } = await answer.json();
    expect(webhook.previousSecretUntil).toBe(new Date(clock.now().getTime() + day).toISOString());
    await publish("Both sign");
    clock.advance(day);
    await publish("One signs");
    const [both, one] = receiver.received as [Received, Received];
    expect([accepts(old, both), accepts(secret, both)]).toEqual([true, true]);
    expect([accepts(old, one), accepts(secret, one)]).toEqual([false, true]);
    await deleteOutlived(usher.app);
    expect(await usher.app.db.webhook.findFirst()).toMatchObject({
      ...{ previousSecretSealed: null, previousSecretUntil: null },
    });
  });
});

describe("a test event", () => {
  it("is sent at once to this webhook only, and the response is shown", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    await addWebhook(admin, receiver.url);
    const answer = await test(id);
    expect(await answer.json()).toMatchObject({
      ...{ eventType: "webhook.test", state: "delivered", attempts: 1 },
      log: [{ status: 200, error: null, response: "thanks" }],
    });
    expect(receiver.received).toHaveLength(1);
  });

  it("that fails is not sent again, and does not count against the webhook", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    receiver.answer = { status: 404, body: "Not here" };
    expect(await (await test(id)).json()).toMatchObject({
      state: "failed",
      log: [{ status: 404, error: expect.stringContaining("404"), response: "Not here" }],
    });
    expect((await webhookOf(admin, id)).failingSince).toBeNull();
  });

  it("of a disabled webhook is refused", async () => {
    const { id } = await addWebhook(admin, receiver.url, { enabled: false });
    expect((await test(id)).status).toBe(409);
    expect(receiver.received).toEqual([]);
  });
});

describe("a delivery", () => {
  it("that is resent has the same id and body", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    await publish("Twice");
    const [delivery] = await deliveriesOf(admin, id);
    clock.advance(hour);
    const answer = await resend(id, delivery?.id ?? "");
    expect(await answer.json()).toMatchObject({ state: "delivered", attempts: 2 });
    const [first, second] = receiver.received as [Received, Received];
    expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    expect(second.body).toBe(first.body);
    expect(second.headers["webhook-timestamp"]).not.toBe(first.headers["webhook-timestamp"]);
  });

  it("of another webhook is neither shown nor resent", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    const { id: other } = await addWebhook(admin, receiver.url, { eventTypes: ["notice.closed"] });
    await publish("Mine");
    const [delivery] = await deliveriesOf(admin, id);
    expect((await resend(other, delivery?.id ?? "")).status).toBe(404);
    expect(receiver.received).toHaveLength(1);
  });

  it("is found by its state, page by page without a gap", async () => {
    const { id } = await addWebhook(admin, receiver.url, { eventTypes: ["notice.closed"] });
    const { db } = usher.app;
    const at = clock.now();
    for (let index = 0; index < 120; index += 1) {
      const event = { id: `msg_${index}`, type: "notice.opened", at, data: {} };
      await db.webhookEvent.create({ data: event });
      const state = index % 2 === 0 ? "DELIVERED" : "FAILED";
      await db.webhookDelivery.create({
        data: { webhookId: id, eventId: event.id, createdAt: at, state },
      });
    }
    expect(await deliveriesOf(admin, id, "?state=pending")).toEqual([]);
    const seen: string[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const path = `/api/webhooks/${id}/deliveries?state=failed&after=${after}`;
      const answer = await admin.visit(deliveriesRoute, { path, params: { webhookId: id } });
      const page = await answer.json();
      seen.push(...page.deliveries.map(({ eventId }: { eventId: string }) => eventId));
      after = page.next;
    }
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  it("is deleted after 30 days, with its event", async () => {
    await addWebhook(admin, receiver.url);
    await publish("Old");
    clock.advance(30 * day - hour);
    await deleteOutlived(usher.app);
    expect(await usher.app.db.webhookDelivery.count()).toBe(1);
    clock.advance(2 * hour);
    await deleteOutlived(usher.app);
    expect(await usher.app.db.webhookDelivery.count()).toBe(0);
    expect(await usher.app.db.webhookEvent.count()).toBe(0);
  });
});

describe("a webhook", () => {
  it.each([
    ["https://10.0.0.7/hook", /private network/],
    ["http://hooks.example.com/hook", /https only/],
    ["https://ann:password@hooks.example.com/", /user name and password/],
    ["hooks.example.com", /not a URL/],
  ])("at %s is refused, and the answer says why", async (url, problem) => {
    const answer = await admin.visit(createRoute, { path: "/api/webhooks", json: input(url) });
    expect(answer.status).toBe(400);
    expect((await answer.json()).error.fields.url).toMatch(problem);
  });

  it("is refused beyond the maximum number", async () => {
    for (let index = 0; index < mostWebhooks; index += 1) await addWebhook(admin, receiver.url);
    const answer = await admin.visit(createRoute, {
      ...{ path: "/api/webhooks", json: input(receiver.url) },
    });
    expect(answer.status).toBe(409);
  });

  it("leaves an event in the audit for each change, without the rest of its address", async () => {
    const url = `${receiver.url}/secret-path`;
    const { id } = await addWebhook(admin, url, { description: "On call" });
    await edit(admin, id, input(url, { description: "On call", enabled: true }));
    await rotate(id);
    await test(id);
    const [delivery] = await deliveriesOf(admin, id);
    await resend(id, delivery?.id ?? "");
    const path = `/api/webhooks/${id}`;
    await admin.visit(deleteRoute, { path, method: "DELETE", params: { webhookId: id } });
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: { startsWith: "webhook." } },
    });
    expect(events.map(({ action }) => action).toSorted()).toEqual([
      ...["webhook.change", "webhook.create", "webhook.delete", "webhook.resend"],
      ...["webhook.rotate-secret", "webhook.test"],
    ]);
    for (const { actorEmail, details } of events) {
      expect(actorEmail).toBe(admin.user.email);
      const { host } = new URL(receiver.url);
      expect(details).toMatchObject({ webhook: `On call (${host})` });
    }
    expect(JSON.stringify(events)).not.toContain("secret-path");
    expect(await usher.app.db.webhookDelivery.count()).toBe(0);
  });
});
