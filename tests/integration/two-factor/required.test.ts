import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST as beginRoute, GET as viewRoute } from "@/app/api/account/two-factor/route";
import { POST as turnOffRoute } from "@/app/api/account/two-factor/turn-off/route";
import { GET as sessionRoute } from "@/app/api/auth/session/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { justSignedInMs } from "@/lib/contracts/people/two-factor";
import { createApiKey } from "@/lib/session/api-keys/authenticate";
import type { Permission } from "@/lib/session/permissions";
import { startSession } from "@/lib/session/sessions";
import { sessionCookieName, sessionToken } from "@/lib/session/sign-in-cookies";
import { Clock } from "@/tests/support/clock";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { turnOnTwoFactor } from "@/tests/support/two-factor";
import { Visitor } from "@/tests/support/visitor";

const root = path.resolve(import.meta.dirname, "../../../app");
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

type Handler = Parameters<Visitor["visit"]>[0] & { permission?: Permission };

const handlers = new Map<string, Handler>();
let usher: Installation;
let clock: Clock;
let admin: Visitor;

beforeAll(async () => {
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!/(^|\/)route\.tsx?$/.test(file)) continue;
    const exported = await import(/* @vite-ignore */ path.join(root, file));
    for (const method of methods) {
      if (exported[method]) handlers.set(`${method} /${path.dirname(file)}`, exported[method]);
    }
  }
  clock = new Clock();
  usher = await startInstallation({ now: clock.now, env: { REQUIRE_TWO_FACTOR: "1" } });
  admin = await usher.join("ADMIN");
});
afterAll(() => usher.close());

/** Names that fit any route; nothing has them. */
const params = Object.fromEntries(
  ["userId", "serverId", "sessionId", "assistantId", "conversationId", "groupId"].map((name) => [
    name,
    "nothing",
  ]),
);
const call = (visitor: Visitor, name: string, handler: Handler) => {
  const [method = "", route = ""] = name.split(" ");
  const json = method === "GET" ? {} : { json: {} };
  const address = route.replace(/\[[^\]]*\]/g, "nothing");
  return visitor.visit(handler, { path: address, method, params, ...json });
};
const connections = (visitor: Visitor) =>
  visitor.visit(connectionsRoute, { path: "/api/connections" });

describe("with REQUIRE_TWO_FACTOR, a person who has none yet", () => {
  it("is refused by every route that has a permission, except those that set it up", async () => {
    const guarded = [...handlers].filter(([, { permission }]) => permission);
    expect(guarded.length).toBeGreaterThan(80);
    const open: string[] = [];
    for (const [name, handler] of guarded) {
      const answer = await call(admin, name, handler);
      const { error } = answer.status === 403 ? await answer.json() : { error: null };
      if (error?.code !== "two_factor_required") open.push(name);
    }
    expect(open.toSorted()).toEqual([
      "GET /api/account/two-factor",
      "POST /api/account/two-factor",
      "PUT /api/account/two-factor",
    ]);
  });

  it("is led to it from a URL that a browser opens, and back", async () => {
    const name = "GET /oauth/authorize/[serverId]";
    const handler = handlers.get(name);
    if (!handler) throw new Error(`There is no ${name}`);
    const answer = await call(admin, name, handler);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(
      `${publicUrl}/two-factor?callbackUrl=%2Foauth%2Fauthorize%2Fnothing`,
    );
  });

  it("still sees who is signed in, so that they can sign out", async () => {
    const answer = await admin.visit(sessionRoute, { path: "/api/auth/session" });
    expect(await answer.json()).toMatchObject({ user: { id: admin.user.id } });
  });

  it("may do everything once it is set up, in the same session", async () => {
    const member = await usher.join("MEMBER");
    expect((await connections(member)).status).toBe(403);
    const view = await member.visit(viewRoute, { path: "/api/account/two-factor" });
    expect(await view.json()).toEqual({ since: null, recoveryCodes: 0, required: true });
    await turnOnTwoFactor(member, clock);
    expect((await connections(member)).status).toBe(200);
  });

  it("does not need the password twice during sign-in, but later does", async () => {
    const member = await usher.join("MEMBER");
    const begin = (json: object) =>
      member.visit(beginRoute, { path: "/api/account/two-factor", json });
    clock.advance(justSignedInMs - 1);
    expect((await begin({})).status).toBe(200);
    clock.advance(1);
    expect((await begin({})).status).toBe(400);
    expect((await begin({ password: `password of ${member.user.email}` })).status).toBe(200);
  });

  it("must enter the password to set it up again after turning it off", async () => {
    const member = await usher.join("MEMBER");
    const password = `password of ${member.user.email}`;
    await turnOnTwoFactor(member, clock);
    clock.advance(justSignedInMs);
    await member.visit(turnOffRoute, {
      path: "/api/account/two-factor/turn-off",
      json: { password },
    });
    const answer = await member.visit(beginRoute, { path: "/api/account/two-factor", json: {} });
    expect(answer.status).toBe(400);
  });

  it("keeps the API keys they have", async () => {
    const { secret, keyHash, prefix } = createApiKey();
    await usher.app.db.apiKey.create({
      data: {
        ...{ name: "Key", keyHash, prefix, scopes: ["connections:read"], createdAt: clock.now() },
        userId: admin.user.id,
      },
    });
    const answer = await new Visitor(admin.user, {}).visit(connectionsRoute, {
      path: "/api/connections",
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(answer.status).toBe(200);
    await usher.settle();
  });
});

describe("with REQUIRE_TWO_FACTOR, a person who signed in with the identity provider", () => {
  it("needs none in Usher", async () => {
    const { user } = await usher.join("MEMBER");
    const client = { ipAddress: null, userAgent: "", cookies: {} };
    const sessionId = (await startSession(usher.app, user, client, "oidc")) ?? "";
    const cookie = await sessionToken(usher.app.env, user.id, sessionId);
    const visitor = new Visitor(user, { [sessionCookieName(usher.app.env)]: cookie });
    expect((await connections(visitor)).status).toBe(200);
  });
});
