import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DELETE as personsRevokeRoute } from "@/app/api/people/[userId]/always-allowed/[alwaysAllowedId]/route";
import { GET as personsRoute } from "@/app/api/people/[userId]/always-allowed/route";
import { type AlwaysAllowStage, startAlwaysAllowStage } from "./stage";

let stage: AlwaysAllowStage;
beforeEach(async () => {
  stage = await startAlwaysAllowStage();
});
afterEach(() => stage.close());

describe("a tool that a person always allows", () => {
  it("runs without asking from then on, in other conversations too, and says what allowed it", async () => {
    const { member } = stage;
    const first = await stage.allow(member);
    expect(stage.calls()).toBe(1);
    expect((await stage.read(member, first)).pausedToolCalls).toMatchObject([{ state: "DONE" }]);

    const id = await stage.ask(member);
    expect(stage.calls()).toBe(2);
    const { messages, pausedToolCalls } = await stage.read(member, id);
    expect(pausedToolCalls).toEqual([]);
    const [allowed] = await stage.list(member);
    const account = (conversation: typeof messages) =>
      conversation.at(-1)?.parts.find((part) => part.type === "data-tool-call-account")?.data;
    expect(account(messages)).toMatchObject({
      toolName: "remember",
      alwaysAllowedId: allowed?.id,
    });
    expect(account((await stage.read(member, first)).messages)).not.toHaveProperty(
      "alwaysAllowedId",
    );

    const calls = await stage.audited("tool.call");
    expect(calls.map(({ details }) => (details as object) ?? {})).toMatchObject([
      expect.not.objectContaining({ alwaysAllowed: true }),
      { tool: "remember", alwaysAllowed: true, outcome: "answered" },
    ]);
    expect(await stage.audited("tool.always-allow")).toMatchObject([
      {
        actorEmail: member.user.email,
        serverName: "Notes",
        details: { tool: "remember", assistant: "Keeper" },
      },
    ]);
  });

  it("is listed for that person alone, and asks again once they revoke it", async () => {
    const { member, admin } = stage;
    await stage.allow(member);
    const [allowed] = await stage.list(member);
    expect(allowed).toMatchObject({
      ...{ assistantName: "Keeper", serverName: "Notes", toolName: "remember" },
      ...{ toolTitle: "Remember", asks: { should: false, reason: "always_allowed" } },
    });
    expect(await stage.list(admin)).toEqual([]);
    expect(await stage.revoke(admin, allowed?.id ?? "")).toBe(404);
    expect(await stage.revoke(member, allowed?.id ?? "")).toBe(204);
    expect(await stage.revoke(member, allowed?.id ?? "")).toBe(404);
    expect(await stage.list(member)).toEqual([]);
    const id = await stage.ask(member);
    expect((await stage.waiting(member, id)).state).toBe("AWAITING_CONFIRMATION");
    expect(stage.calls()).toBe(1);
    expect(await stage.audited("tool.revoke-always-allow")).toMatchObject([
      { actorEmail: member.user.email, details: { tool: "remember", assistant: "Keeper" } },
    ]);
  });

  it("stays allowed if its unchanged definition has characters that cannot be stored", async () => {
    const { member } = stage;
    stage.definition.description = "Keeps a note.\u0000\ud800";
    await stage.readTools();
    const other = await stage.addAssistant("Other", "NOT_DESTRUCTIVE");
    await stage.allow(member, other);
    await stage.readTools();
    expect(await stage.list(member)).toMatchObject([{ asks: { reason: "always_allowed" } }]);
  });

  it("is seen and revoked by an admin on the person's page, which the audit records", async () => {
    const { member, admin } = stage;
    await stage.allow(member);
    const userId = member.user.id;
    const path = `/api/people/${userId}/always-allowed`;
    const answer = await admin.visit(personsRoute, { path, params: { userId } });
    const [allowed] = (await answer.json()).tools;
    expect(allowed).toMatchObject({ toolName: "remember", asks: { should: false } });
    const revoked = await admin.visit(personsRevokeRoute, {
      path: `${path}/${allowed.id}`,
      method: "DELETE",
      params: { userId, alwaysAllowedId: allowed.id },
    });
    expect(revoked.status).toBe(204);
    await stage.waiting(member, await stage.ask(member));
    expect(await stage.audited("tool.revoke-always-allow")).toMatchObject([
      { actorEmail: admin.user.email, details: { email: member.user.email } },
    ]);
  });

  it("still asks if its call had to wait for something else first", async () => {
    const { member } = stage;
    const id = await stage.ask(member);
    await stage.allow(member);
    await stage.turn(member, id, { kind: "resume" });
    expect((await stage.waiting(member, id)).state).toBe("AWAITING_CONFIRMATION");
    expect(stage.calls()).toBe(1);
  });
});

describe("a tool that changes", () => {
  it("asks again for good, even if it later changes back, and says why", async () => {
    const { member } = stage;
    await stage.allow(member);
    stage.definition.description = "Keeps a note, and sends it to Eve.";
    await stage.readTools();
    expect(await stage.audited("tool.end-always-allow")).toMatchObject([
      {
        actorId: null,
        serverName: "Notes",
        details: { tool: "remember", email: member.user.email, reason: "tool_changed" },
      },
    ]);
    const changed = await stage.waiting(member, await stage.ask(member));
    expect(changed).toMatchObject({ asks: "changed", alwaysAllow: { ended: "tool_changed" } });
    expect(await stage.list(member)).toMatchObject([
      { asks: { should: true, reason: "tool_changed" } },
    ]);

    stage.definition.description = "Keeps a note.";
    await stage.readTools();
    await stage.waiting(member, await stage.ask(member));
    expect(stage.calls()).toBe(1);

    await stage.allow(member);
    await stage.ask(member);
    expect(stage.calls()).toBe(3);
    expect(await stage.audited("tool.end-always-allow")).toHaveLength(1);
  });

  it("is not the same tool under another name", async () => {
    const { member } = stage;
    await stage.allow(member);
    stage.definition.name = "memorize";
    await stage.readTools();
    stage.callTool({ name: "notes__memorize", arguments: { note: "milk" } });
    const waiting = await stage.waiting(member, await stage.ask(member));
    expect(waiting).toMatchObject({ toolName: "memorize", asks: "new" });
    expect(stage.calls()).toBe(1);
    expect(await stage.list(member)).toMatchObject([{ asks: { reason: "tool_gone" } }]);
  });
});

describe("what an admin decides for the assistant", () => {
  it("makes every call ask by default", async () => {
    const { member } = stage;
    const careful = await stage.addAssistant("Careful", "NONE");
    const id = await stage.ask(member, careful);
    const call = await stage.waiting(member, id);
    expect(call.alwaysAllow).toMatchObject({ policy: "NONE", mayDestroy: false, ended: null });
    const alwaysAllow = call.alwaysAllow?.fingerprint;
    expect((await stage.decide(member, id, call.id, { alwaysAllow })).status).toBe(403);
    expect((await stage.waiting(member, id)).state).toBe("AWAITING_CONFIRMATION");
    expect(await stage.list(member)).toEqual([]);
  });

  it.each([true, undefined])(
    "excludes a tool whose destructive hint is %s, unless they chose all",
    async (hint) => {
      const { member } = stage;
      stage.definition.name = "wipe";
      stage.definition.destructive = hint;
      await stage.readTools();
      stage.callTool({ name: "notes__wipe", arguments: { note: "milk" } });
      const assistantId = await stage.addAssistant("Wiper", "NOT_DESTRUCTIVE");
      const id = await stage.ask(member, assistantId);
      const call = await stage.waiting(member, id);
      expect(call).toMatchObject({ asks: "changes_data", alwaysAllow: { mayDestroy: true } });
      const alwaysAllow = call.alwaysAllow?.fingerprint;
      expect((await stage.decide(member, id, call.id, { alwaysAllow })).status).toBe(403);

      const all = await stage.addAssistant("Wiper of all", "ALL");
      await stage.allow(member, all);
      await stage.ask(member, all);
      expect(stage.calls()).toBe(2);
    },
  );

  it("takes effect at the next call, and can be reverted", async () => {
    const { member } = stage;
    await stage.allow(member);
    await stage.save({ alwaysAllow: "NONE" });
    await stage.waiting(member, await stage.ask(member));
    expect(await stage.list(member)).toMatchObject([{ asks: { should: true, reason: "off" } }]);
    await stage.save({ alwaysAllow: "ALL" });
    await stage.ask(member);
    expect(stage.calls()).toBe(2);
  });

  it("makes a tool always ask, whatever a person allowed", async () => {
    const { member, serverId } = stage;
    await stage.allow(member);
    const server = { serverId, allTools: true, toolNames: [] };
    await stage.save({ servers: [{ ...server, toolPolicies: { remember: "ASK" } }] });
    const id = await stage.ask(member);
    const call = await stage.waiting(member, id);
    expect(call.asks).toBe("policy");
    const alwaysAllow = call.alwaysAllow?.fingerprint;
    expect((await stage.decide(member, id, call.id, { alwaysAllow })).status).toBe(403);
    expect(await stage.list(member)).toMatchObject([{ asks: { reason: "asks_always" } }]);
  });
});
