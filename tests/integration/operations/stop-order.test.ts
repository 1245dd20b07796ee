import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { GET as liveRoute } from "@/app/api/health/live/route";
import { GET as readyRoute } from "@/app/api/health/ready/route";
import { GET as serversRoute } from "@/app/api/mcp-servers/route";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const clock = new Clock();
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterAll(() => usher.close());

const balancer = { "x-forwarded-for": "10.0.0.2", "user-agent": "a load balancer" };
/** Once a second. */
function ready() {
  clock.advance(1_000);
  return admin.visit(readyRoute, { path: "/api/health/ready", headers: balancer });
}

async function turn() {
  const conversationId = randomUUID();
  return admin.visit(turnRoute, {
    path: `/api/chat/conversations/${conversationId}/turn`,
    params: { conversationId },
    json: { kind: "send", messageId: randomUUID(), text: "Hello" },
  });
}

it("a stopping process tells load balancers first, serves until they know, and then starts no turn", async () => {
  for (const _ of [1, 2, 3]) expect((await ready()).status).toBe(200);
  const { app } = usher;
  app.stop();
  let known = false;
  const allKnow = app.probes
    .allKnow(() => clock.now().getTime())
    .then(() => {
      known = true;
    });

  const first = await ready();
  expect(first.status).toBe(503);
  expect(await first.json()).toMatchObject({ ok: false, reason: "stopping" });
  expect(known).toBe(false);
  expect((await admin.visit(serversRoute, { path: "/api/mcp-servers" })).status).toBe(200);
  expect((await admin.visit(liveRoute, { path: "/api/health/live" })).status).toBe(200);
  // This conversation does not exist: it was looked up.
  expect((await turn()).status).toBe(404);

  expect((await ready()).status).toBe(503);
  await allKnow;
  app.turns.refuseNew();
  const refused = await turn();
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    error: { code: "try_later", message: expect.stringContaining("Nothing was sent") },
  });
  expect((await admin.visit(serversRoute, { path: "/api/mcp-servers" })).status).toBe(200);
});
