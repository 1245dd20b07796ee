import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as exportRoute } from "@/app/api/audit/export/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/chat/conversations/route";
import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import { app, installApp } from "@/lib/app/current";
import { createDatabase } from "@/lib/db/client";
import { createServer } from "@/lib/servers/save";
import {
  authorizePerUser,
  changesPerUser,
  chatTurnsPerUser,
  exportsPerUser,
  signInPerAddress,
  signInPerClient,
} from "@/lib/session/rate-limit";
import { signInWithPassword } from "@/lib/session/sign-in";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";
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

/** A turn in a conversation that does not exist: it counts against the limit and costs nothing else. */
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

const provider = "https://as.example.com/authorize";
const perUserServer = serverInput({
  name: "Per user",
  url: "https://mcp.example.com/mcp",
  authentication: "OAUTH",
  oauth: {
    clientId: "client",
    clientSecret: "secret",
    authorizationEndpoint: provider,
    tokenEndpoint: "https://as.example.com/token",
    tokenSharing: "PER_USER",
  },
});

const tooMany = (all: number[]) => all.filter((status) => status === 429).length;

/** 10 past the limit, half of it at each of two replicas at once. */
async function atTwoReplicas<T>(limit: number, ask: () => Promise<T>): Promise<T[]> {
  const db = createDatabase(usher.app.env.databaseUrl, { connections: 4 });
  const half = () => Array.from({ length: limit / 2 + 5 }, ask);
  const first = half();
  installApp({ ...usher.app, db });
  const all = await Promise.all([...first, ...half()]);
  installApp(usher.app);
  await db.$disconnect();
  return all;
}

const statusesOf = (responses: Response[]) => responses.map(({ status }) => status);

describe("a person's limit", () => {
  it("on chat turns is exact, even with concurrent requests at two replicas", async () => {
    const all = await atTwoReplicas(chatTurnsPerUser.limit, () => turn(member));
    expect(tooMany(statusesOf(all))).toBe(10);
  });

  it("on authorizing is exact at two replicas, and the provider is asked no more often", async () => {
    const serverId = await createServer(usher.app, perUserServer);
    const path = `/oauth/authorize/${serverId}`;
    const all = await atTwoReplicas(authorizePerUser.limit, () =>
      member.sameBrowser().visit(authorizeRoute, { path, params: { serverId } }),
    );
    const begun = all.filter(({ headers }) => headers.get("location")?.startsWith(provider));
    expect(begun).toHaveLength(authorizePerUser.limit);
    expect(await usher.app.db.authorizationRequest.count()).toBe(authorizePerUser.limit);
  });

  it("on chat turns says when to come back, is over then, and affects no one else", async () => {
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

  it("on changes counts refused ones too, and does not affect reads", async () => {
    const all = await statuses(changesPerUser.limit + 20, () => change(member));
    expect(tooMany(all)).toBe(20);
    const reading = await member.visit(listRoute, { path: "/api/chat/conversations" });
    expect(reading.status).toBe(200);
  });

  it("on exports applies", async () => {
    const admin = await usher.join("ADMIN");
    const all = await statuses(exportsPerUser.limit + 3, () =>
      admin.visit(exportRoute, { path: "/api/audit/export?format=csv" }),
    );
    expect(tooMany(all)).toBe(3);
  });
});

describe("the limit of signing in", () => {
  const attempt = (email: string, ipAddress: string | null = null) =>
    signInWithPassword(app(), { email, password: "guessed", ipAddress }).catch(String);
  const limited = (all: unknown[]) =>
    all.filter((each) => String(each).includes("Too many attempts")).length;

  it("applies to each address across two replicas, and affects no one else", async () => {
    const all = await atTwoReplicas(signInPerAddress.limit, () => attempt(member.user.email));
    expect(limited(all)).toBe(10);
    expect(await attempt("somebody.else@example.com")).toBeNull();
  });

  it("applies to each client, whatever addresses it tries", async () => {
    let tried = 0;
    const all = await atTwoReplicas(signInPerClient.limit, () =>
      attempt(`${tried++}@example.com`, "203.0.113.9"),
    );
    expect(limited(all)).toBe(10);
    expect(await attempt("one@example.com", "203.0.113.10")).toBeNull();
  });
});

describe("a body", () => {
  it("of more than 256 KiB is rejected", async () => {
    const json = { assistantId: "x".repeat(256 * 1024) };
    const response = await member.visit(createRoute, { path: "/api/chat/conversations", json });
    expect(response.status).toBe(400);
    expect((await response.json()).error.fields[""]).toContain("256 KiB");
  });
});
