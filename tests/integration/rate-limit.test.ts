import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as exportRoute } from "@/app/api/audit/export/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/chat/conversations/route";
import { installApp } from "@/lib/app";
import { createDatabase } from "@/lib/db/client";
import { changesPerUser, chatTurnsPerUser, exportsPerUser } from "@/lib/session/rate-limit";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let clock: Clock;
let member: Visitor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  member = await usher.join("MEMBER");
});
afterEach(() => usher.close());

/** A turn of a conversation that does not exist: it costs the limit and nothing else. */
const turn = (visitor: Visitor) =>
  visitor.visit(turnRoute, {
    path: "/api/chat/conversations/none/turn",
    params: { conversationId: "none" },
    json: { kind: "resume" },
  });
const change = (visitor: Visitor) =>
  visitor.visit(createRoute, { path: "/api/chat/conversations", json: {} });

async function statuses(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const all = await Promise.all(Array.from({ length: count }, ask));
  return all.map(({ status }) => status);
}

const tooMany = (all: number[]) => all.filter((status) => status === 429).length;

describe("a person's limit", () => {
  it("of chat turns is exact, though they come at once and at two replicas", async () => {
    const replica = {
      ...usher.app,
      db: createDatabase(usher.app.env.databaseUrl, { connections: 4 }),
    };
    const half = chatTurnsPerUser.limit / 2 + 5;
    const first = statuses(half, () => turn(member));
    installApp(replica);
    const second = statuses(half, () => turn(member));
    expect(tooMany([...(await first), ...(await second)])).toBe(10);
    await replica.db.$disconnect();
  });

  it("of chat turns says when to come back, is over then, and is nobody else's", async () => {
    await statuses(chatTurnsPerUser.limit, () => turn(member));
    clock.advance(15_000);
    const refused = await turn(member);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("45");
    expect((await refused.json()).error.message).toBe("Too many attempts. Try again in 45 s.");
    expect((await turn(await usher.join("MEMBER"))).status).toBe(404);
    clock.advance(45_000);
    expect((await turn(member)).status).toBe(404);
  });

  it("of changes counts refused ones too, and leaves reading alone", async () => {
    const all = await statuses(changesPerUser.limit + 20, () => change(member));
    expect(tooMany(all)).toBe(20);
    const reading = await member.visit(listRoute, { path: "/api/chat/conversations" });
    expect(reading.status).toBe(200);
  });

  it("of exports holds", async () => {
    const admin = await usher.join("ADMIN");
    const all = await statuses(exportsPerUser.limit + 3, () =>
      admin.visit(exportRoute, { path: "/api/audit/export?format=csv" }),
    );
    expect(tooMany(all)).toBe(3);
  });
});

describe("a body", () => {
  it("of more than 256 KiB is refused", async () => {
    const json = { assistantId: "x".repeat(256 * 1024) };
    const response = await member.visit(createRoute, { path: "/api/chat/conversations", json });
    expect(response.status).toBe(400);
    expect((await response.json()).error.fields[""]).toContain("256 KiB");
  });
});
