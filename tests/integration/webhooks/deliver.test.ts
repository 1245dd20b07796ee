import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp } from "@/lib/app";
import { readEnv } from "@/lib/env";
import { longestRetryAfterMs, retryPausesMs } from "@/lib/webhooks/decide-delivery";
import { publishEvent } from "@/lib/webhooks/publish-event";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";
import { type Received, type Receiver, startReceiver } from "@/tests/support/webhook-receiver";
import { addWebhook, deliveriesOf, edit, input, webhookOf } from "./stage";

const minute = 60_000;
const hour = 60 * minute;

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
  receiver.hold = Promise.resolve();
});
afterEach(() => usher.close());

const publish = (words = "A token was refused") =>
  publishEvent(usher.app.db, { type: "notice.opened", at: clock.now(), data: { words } });
const deliverDue = () => usher.app.webhooks.deliverDue();
const ids = () => receiver.received.map(({ headers }) => headers["webhook-id"]);

function verified(secret: string, { body, headers }: Received): unknown {
  return new Webhook(secret).verify(body, headers);
}

describe("an event", () => {
  it("arrives at once, signed so that the library's own verifier accepts it", async () => {
    const { secret } = await addWebhook(admin, receiver.url);
    await publish();
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(1);
    const [request] = receiver.received as [Received];
    expect(request.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": expect.stringMatching(/^msg_/),
      "webhook-signature": expect.stringMatching(/^v1,/),
    });
    expect(verified(secret, request)).toEqual({
      ...{ type: "notice.opened", timestamp: clock.now().toISOString() },
      data: { words: "A token was refused" },
    });
    const changed = { ...request, body: request.body.replace("refused", "accepted") };
    expect(() => verified(secret, changed)).toThrow("No matching signature");
    const other = { ...request.headers, "webhook-id": "msg_another" };
    expect(() => verified(secret, { ...request, headers: other })).toThrow("No matching");
  });

  it("published in a request is sent after its response", async () => {
    const { id } = await addWebhook(admin, receiver.url, { eventTypes: ["audit.event"] });
    await usher.settle();
    receiver.received.length = 0;
    await edit(admin, id, input(receiver.url, { eventTypes: ["audit.event"] }));
    await usher.settle();
    const [request] = receiver.received;
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      type: "audit.event",
      data: { action: "webhook.change", actorEmail: admin.user.email },
    });
  });

  it("is not lost by a receiver that is down for an hour, and has the same id in all attempts", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    receiver.answer = { status: 503, body: "down" };
    for (let at = 0; at < 60; at += 5) {
      await publish(`At minute ${at}`);
      await deliverDue();
      clock.advance(5 * minute);
    }
    receiver.answer = { status: 200, body: "back" };
    const sentBefore = ids();
    receiver.received.length = 0;
    for (let sweeps = 0; sweeps < 40; sweeps += 1) {
      await deliverDue();
      clock.advance(5 * minute);
    }
    const bodies = receiver.received.map(({ body }) => JSON.parse(body).data.words);
    expect(bodies.toSorted()).toEqual(
      Array.from({ length: 12 }, (_, at) => `At minute ${at * 5}`).toSorted(),
    );
    expect(new Set(ids()).size).toBe(12);
    // Each was tried before, under its current id.
    expect(new Set([...sentBefore, ...ids()]).size).toBe(12);
    expect(sentBefore.length).toBeGreaterThan(12);
    expect((await deliveriesOf(admin, id)).map(({ state }) => state)).toEqual(
      Array(12).fill("delivered"),
    );
  });

  it("is tried ten times on the usual schedule, and has then failed", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    receiver.answer = { status: 500, body: "no" };
    await publish();
    await deliverDue();
    for (const [index, pauseMs] of retryPausesMs.entries()) {
      expect(receiver.received).toHaveLength(index + 1);
      clock.advance(pauseMs - 1);
      await deliverDue();
      expect(receiver.received).toHaveLength(index + 1);
      clock.advance(1);
      await deliverDue();
    }
    const [delivery] = await deliveriesOf(admin, id);
    expect(delivery).toMatchObject({ state: "failed", attempts: 10, nextAttemptAt: null });
    clock.advance(48 * hour);
    await deliverDue();
    expect(receiver.received).toHaveLength(10);
  });

  it("waits as long as the receiver asks with Retry-After: at most an hour, and never less than usual", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    const noon = "Sat, 28 Nov 2026 12:00:00 GMT";
    const [first = 0, second = 0, third = 0] = retryPausesMs;
    const asked: [Record<string, string>, number][] = [
      [{ "retry-after": "120" }, 2 * minute],
      [{ date: noon, "retry-after": "Sat, 28 Nov 2026 12:10:00 GMT" }, 10 * minute],
      [{ "retry-after": "1" }, third],
    ];
    expect([first, second].every((pauseMs) => pauseMs < 10 * minute)).toBe(true);
    await publish();
    for (const [headers, waitMs] of asked) {
      receiver.answer = { status: 429, body: "slow down", headers };
      await deliverDue();
      const sent = receiver.received.length;
      clock.advance(waitMs - 1);
      await deliverDue();
      expect(receiver.received).toHaveLength(sent);
      clock.advance(1);
    }
    await publish("Another");
    receiver.answer = { status: 503, body: "away", headers: { "retry-after": "86400" } };
    await deliverDue();
    const due = (await deliveriesOf(admin, id)).map(({ nextAttemptAt }) => nextAttemptAt);
    expect(due[0]).toBe(new Date(clock.now().getTime() + longestRetryAfterMs).toISOString());
  });

  it("is sent once by several processes that look at the same moment", async () => {
    await addWebhook(admin, receiver.url);
    const others = [0, 1, 2].map(() => createApp(readEnv(usher.env), clock.now));
    for (let words = 0; words < 30; words += 1) await publish(`${words}`);
    await Promise.all([usher.app, ...others].map(({ webhooks }) => webhooks.deliverDue()));
    await deliverDue();
    expect(ids()).toHaveLength(30);
    expect(new Set(ids()).size).toBe(30);
    for (const { db, mcp } of others) {
      await mcp.close();
      await db.$disconnect();
    }
  });

  it("whose process was killed during its attempt is sent once its lease has expired", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    await publish();
    await deliverDue();
    // As the killed process leaves it: claimed, with no recorded outcome.
    const { db } = usher.app;
    const left = (until: Date) =>
      db.webhookDelivery.updateMany({
        data: { state: "PENDING", leaseId: "killed", leaseUntil: until, log: [] },
      });
    await left(new Date(Date.now() + minute));
    await deliverDue();
    expect(receiver.received).toHaveLength(1);
    await left(new Date(Date.now() - 1));
    await deliverDue();
    expect(receiver.received).toHaveLength(2);
    expect(new Set(ids()).size).toBe(1);
    expect(await deliveriesOf(admin, id)).toMatchObject([{ state: "delivered" }]);
  });

  it("does not wait for a slow receiver of another webhook", async () => {
    const slow = await startReceiver();
    let release = () => {};
    slow.hold = new Promise((resolve) => {
      release = resolve;
    });
    try {
      await addWebhook(admin, slow.url);
      await addWebhook(admin, receiver.url);
      for (let words = 0; words < 10; words += 1) await publish(`${words}`);
      const all = deliverDue();
      await vi.waitFor(() => expect(receiver.received).toHaveLength(10), 30_000);
      // More events arrive while the slow receiver still holds its first ones.
      await publish("later");
      void deliverDue();
      await vi.waitFor(() => expect(receiver.received).toHaveLength(11), 30_000);
      expect(slow.received.length).toBeLessThanOrEqual(4);
      release();
      await all;
    } finally {
      release();
      await slow.close();
    }
  });
});

describe("a receiver", () => {
  it("that answers 410 receives nothing more, and its webhook says why", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    receiver.answer = { status: 410, body: "gone" };
    await publish();
    await deliverDue();
    expect(await webhookOf(admin, id)).toMatchObject({
      enabled: false,
      disabledReason: expect.stringContaining("410 Gone"),
    });
    await publish("another");
    clock.advance(24 * hour);
    await deliverDue();
    expect(receiver.received).toHaveLength(1);
    const told = await usher.app.db.auditEvent.findFirst({ where: { action: "webhook.disable" } });
    expect(told).toMatchObject({ actorEmail: null, details: { webhook: expect.any(String) } });
  });

  it("that fails for five days gets its webhook disabled, with the last error as the reason", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    receiver.answer = { status: 500, body: "no" };
    for (let day = 0; day < 5; day += 1) {
      await publish(`Day ${day}`);
      await deliverDue();
      expect((await webhookOf(admin, id)).enabled).toBe(true);
      clock.advance(24 * hour);
    }
    await deliverDue();
    expect(await webhookOf(admin, id)).toMatchObject({
      enabled: false,
      disabledReason: expect.stringMatching(/5 days. The last error: It answered 500/),
    });
    receiver.answer = { status: 200, body: "mended" };
    receiver.received.length = 0;
    expect((await edit(admin, id, input(receiver.url))).status).toBe(200);
    expect(await webhookOf(admin, id)).toMatchObject({ enabled: true, disabledReason: null });
    // The waiting events are sent, each at its own time.
    clock.advance(24 * hour);
    await deliverDue();
    expect(receiver.received.length).toBeGreaterThan(0);
    expect((await webhookOf(admin, id)).failingSince).toBeNull();
  });

  it("that redirects is not followed", async () => {
    const elsewhere = await startReceiver();
    receiver.answer = { status: 307, body: "", headers: { location: elsewhere.url } };
    const { id } = await addWebhook(admin, receiver.url);
    await publish();
    await deliverDue();
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
    const [delivery] = await deliveriesOf(admin, id);
    expect(delivery?.last).toMatchObject({ status: 307, error: expect.stringMatching(/redirect/) });
  });

  it("that answers with 20 MB is read only to its first kilobyte, as text without hidden characters", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    receiver.answer = { status: 200, body: `<b>\u202Eevil\0${"x".repeat(20_000_000)}` };
    await publish();
    await deliverDue();
    const [delivery] = await deliveriesOf(admin, id);
    expect(delivery).toMatchObject({ state: "delivered" });
    const { log } = await usher.app.db.webhookDelivery.findFirstOrThrow();
    const [attempt] = log as { response: string }[];
    expect(attempt?.response.length).toBeLessThanOrEqual(1000);
    expect(attempt?.response).toMatch(/^<b> evil x+$/);
  });

  it("at a private address is refused before anything is sent, and the log says why", async () => {
    const { id } = await addWebhook(admin, receiver.url);
    // A public name that resolves into this network.
    const url = receiver.url.replace("127.0.0.1", "hooks.example.com");
    const { createOutboundAgent, createOutboundFetch } = await import("@/lib/net/fetch");
    const { createWebhookDeliveries } = await import("@/lib/webhooks/deliveries");
    const resolve = async () => [{ address: "10.0.0.7", family: 4 }];
    const agent = createOutboundAgent(
      { allowHttpLoopback: false, allowedPrivateHosts: [] },
      { resolve },
    );
    const guarded = createWebhookDeliveries(() => usher.app, createOutboundFetch(agent));
    await usher.app.db.webhook.update({
      where: { id },
      data: { url: url.replace("http:", "https:") },
    });
    await publish();
    await guarded.deliverDue();
    await agent.close();
    expect(receiver.received).toEqual([]);
    const [delivery] = await deliveriesOf(admin, id);
    expect(delivery?.last).toMatchObject({
      status: null,
      error: expect.stringMatching(/hooks.example.com is in a private network.*ALLOWED_PRIVATE/),
    });
  });
});
