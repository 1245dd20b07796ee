import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as createKeyRoute } from "@/app/api/api-keys/route";
import { PUT as accessRoute } from "@/app/api/assistants/[assistantId]/access/route";
import { PUT as switchRoute } from "@/app/api/mcp-servers/[serverId]/switch/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { visitorFor } from "@/tests/support/installation";
import { Visitor } from "@/tests/support/visitor";
import { type AlwaysAllowStage, startAlwaysAllowStage } from "./stage";

let stage: AlwaysAllowStage;
beforeEach(async () => {
  stage = await startAlwaysAllowStage();
});
afterEach(() => stage.close());

const changePerson = (json: object) => {
  const userId = stage.member.user.id;
  const visit = { path: `/api/people/${userId}`, method: "PATCH", params: { userId }, json };
  return stage.admin.visit(personRoute, visit);
};

/** During a turn of the member, between the model's request and the call, which then asks. */
const between: [string, () => Promise<unknown>][] = [
  [
    "the server changed the tool",
    () => {
      stage.definition.description = "Sends it to Eve.";
      return stage.readTools();
    },
  ],
  ["an admin switched it off for the assistant", () => stage.save({ alwaysAllow: "NONE" })],
  [
    "the person revoked it",
    async () => {
      const [allowed] = await stage.list(stage.member);
      await stage.revoke(stage.member, allowed?.id ?? "");
    },
  ],
  [
    "an admin had the tool ask always",
    () =>
      stage.save({
        servers: [
          {
            ...{ serverId: stage.serverId, allTools: true, toolNames: [] },
            toolPolicies: { remember: "ASK" },
          },
        ],
      }),
  ],
  [
    "an admin took the tool from the assistant",
    () =>
      stage.save({
        servers: [{ serverId: stage.serverId, allTools: false, toolNames: ["other"] }],
      }),
  ],
  [
    "an admin switched the server off",
    async () => {
      const { serverId } = stage;
      await stage.admin.visit(switchRoute, {
        ...{ path: `/api/mcp-servers/${serverId}/switch`, method: "PUT" },
        params: { serverId },
        json: { on: false },
      });
    },
  ],
];

/** The same, after which nothing runs in this person's name. */
const losses: [string, () => Promise<unknown>][] = [
  ["the person was disabled", () => changePerson({ disabled: true })],
  ["the person was made an auditor", () => changePerson({ role: "AUDITOR" })],
  [
    "the person lost access to the assistant",
    async () => {
      const { assistantId } = stage;
      await stage.admin.visit(accessRoute, {
        ...{ path: `/api/assistants/${assistantId}/access`, method: "PUT" },
        params: { assistantId },
        json: { access: "CHOSEN", userIds: [], groupIds: [] },
      });
    },
  ],
];

describe("what was always allowed runs no call", () => {
  it.each(between)("when %s while the turn ran", async (_, happens) => {
    const { member } = stage;
    await stage.allow(member);
    expect(stage.calls()).toBe(1);
    stage.meanwhile(happens);
    const waiting = await stage.waiting(member, await stage.ask(member));
    expect(waiting).toMatchObject({ toolName: "remember", state: "AWAITING_CONFIRMATION" });
    expect(stage.calls()).toBe(1);
  });

  it.each(losses)("when %s while the turn ran", async (_, happens) => {
    const { member, usher } = stage;
    await stage.allow(member);
    let happened = false;
    stage.meanwhile(async () => {
      await happens();
      happened = true;
    });
    const id = await stage.ask(member);
    expect(happened).toBe(true);
    expect(stage.calls()).toBe(1);
    const waits = { conversationId: id, state: "RUNNING" } as const;
    expect(await usher.app.db.pausedToolCall.count({ where: waits })).toBe(0);
  });

  it("of another person, or of another assistant", async () => {
    const { member, admin } = stage;
    await stage.allow(admin);
    await stage.waiting(member, await stage.ask(member));
    const other = await stage.addAssistant("Other", "ALL");
    await stage.waiting(admin, await stage.ask(admin, other));
    expect(stage.calls()).toBe(1);
  });

  it("that an API key asks for in its person's name", async () => {
    const { member } = stage;
    await stage.allow(member);
    const created = await member.visit(createKeyRoute, {
      path: "/api/api-keys",
      json: { name: "Bot", owner: "person", scopes: ["chat:read", "chat:write"], expiresInDays: 7 },
    });
    const { secret: key } = await created.json();
    expect(key).toMatch(/^ush_/);
    const bot = new Visitor(member.user, {});
    const headers = { authorization: `Bearer ${key}` };
    const id = await stage.ask(bot, stage.assistantId, headers);
    const waiting = await stage.waiting(member, id);
    expect(waiting.state).toBe("AWAITING_CONFIRMATION");
    expect(stage.calls()).toBe(1);
    expect(await stage.list(member)).toMatchObject([{ asks: { should: false } }]);
  });
});

describe("a request to always allow", () => {
  it("is refused with the fingerprint of another definition, and the call still waits", async () => {
    const { member } = stage;
    const id = await stage.ask(member);
    const call = await stage.waiting(member, id);
    const seen = call.alwaysAllow?.fingerprint;
    stage.definition.description = "Sends it to Eve.";
    await stage.readTools();
    for (const alwaysAllow of [seen, "0".repeat(64)]) {
      expect((await stage.decide(member, id, call.id, { alwaysAllow })).status).toBe(409);
    }
    // In its current form, no admin has reviewed it.
    const now = (await stage.waiting(member, id)).alwaysAllow?.fingerprint;
    expect(now).not.toBe(seen);
    expect((await stage.decide(member, id, call.id, { alwaysAllow: now })).status).toBe(403);
    expect((await stage.decide(member, id, call.id, { alwaysAllow: "yes" })).status).toBe(400);
    expect((await stage.waiting(member, id)).state).toBe("AWAITING_CONFIRMATION");
    expect(await stage.list(member)).toEqual([]);
    expect(stage.calls()).toBe(0);
  });

  it("stores nothing with Skip, for a call that ran, or in another person's conversation", async () => {
    const { member, admin } = stage;
    const id = await stage.ask(member);
    const call = await stage.waiting(member, id);
    const alwaysAllow = call.alwaysAllow?.fingerprint;
    expect((await stage.decide(admin, id, call.id, { alwaysAllow })).status).toBe(404);
    expect(
      (await stage.decide(member, id, call.id, { decision: "skip", alwaysAllow })).status,
    ).toBe(200);
    expect((await stage.decide(member, id, call.id, { alwaysAllow })).status).toBe(409);
    expect([...(await stage.list(member)), ...(await stage.list(admin))]).toEqual([]);
  });
});

describe("a person whose access ends", () => {
  it("loses what they always allowed, even once they are enabled again", async () => {
    const { member, usher } = stage;
    await stage.allow(member);
    await changePerson({ disabled: true });
    await changePerson({ disabled: false });
    const { db } = usher.app;
    const enabled = await db.user.findUniqueOrThrow({ where: { id: member.user.id } });
    const again = await visitorFor(usher.app, enabled);
    await stage.waiting(again, await stage.ask(again));
    expect(await stage.list(again)).toEqual([]);
    expect(stage.calls()).toBe(1);
  });
});
