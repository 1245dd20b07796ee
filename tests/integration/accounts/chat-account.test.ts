import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as decideRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/route";
import { GET as readRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute } from "@/app/api/chat/conversations/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { createAssistant } from "@/lib/assistants/assistant";
import { revoke } from "@/lib/authorization/revoke";
import type {
  ConversationDetail,
  PausedToolCallDecision,
  PausedToolCallView,
} from "@/lib/contracts/chat/chat";
import { accountOfOwnerKey } from "@/lib/contracts/connections/account";
import { createServer } from "@/lib/servers/save";
import { authorizeAs } from "@/tests/support/authorize";
import { send } from "@/tests/support/chat-fixture";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let dataDir: string;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;
let serverId: string;
let assistantId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "chat-account-"));
  provider = await startProvider();
  files = await startPersonalFiles({ provider, dataDir });
});
afterAll(async () => {
  await Promise.all([files.close(), provider.close()]);
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
});
afterEach(() => usher.close());

/** The member is Ada by their first account and Grace by their second; the admin has one. */
async function setUp(settings: { askWhichAccount?: boolean; teamAccount?: boolean }) {
  const oauth = { tokenSharing: "PER_USER", ...settings } as const;
  serverId = await createServer(
    usher.app,
    oauthServerInput(provider, { name: "Files", url: files.url, oauth }),
  );
  await authorizeAs(member, serverId, "ada");
  await authorizeAs(member, serverId, "grace", "new");
  await usher.settle();
  const assistant = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      ...{ name: "Guide", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );
  assistantId = assistant.id;
  files.forgetRequests();
}

const base = "/api/chat/conversations";

async function create(visitor: Visitor): Promise<string> {
  const response = await visitor.visit(createRoute, { path: base, json: { assistantId } });
  return (await response.json()).id;
}

/** @param text absent: the conversation continues */
async function turn(visitor: Visitor, conversationId: string, text?: string) {
  const json = text === undefined ? { kind: "resume" } : send(text);
  const where = { path: `${base}/${conversationId}/turn`, params: { conversationId } };
  await (await visitor.visit(turnRoute, { ...where, json })).text();
  return read(visitor, conversationId);
}

async function read(visitor: Visitor, conversationId: string): Promise<ConversationDetail> {
  const where = { path: `${base}/${conversationId}`, params: { conversationId } };
  return (await visitor.visit(readRoute, where)).json();
}

function decide(
  visitor: Visitor,
  conversationId: string,
  call: PausedToolCallView | undefined,
  json: PausedToolCallDecision | Record<string, unknown>,
): Promise<Response> {
  const pausedToolCallId = call?.id ?? "";
  return visitor.visit(decideRoute, {
    path: `${base}/${conversationId}/paused-tool-calls/${pausedToolCallId}`,
    params: { conversationId, pausedToolCallId },
    json,
  });
}

function lastCall({ pausedToolCalls }: ConversationDetail): PausedToolCallView | undefined {
  return pausedToolCalls.at(-1);
}

/** As in the cards of all tool calls that were passed to the server. */
function actedAs({ messages }: ConversationDetail): string[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "data-tool-call-account" ? part.data.actingAs : [])),
  );
}

function parts({ messages }: ConversationDetail, type: string) {
  return messages.flatMap((message) => message.parts.filter((part) => part.type === type));
}

async function secondAccount(): Promise<string> {
  const rows = await usher.app.db.storedTokenSet.findMany({ where: { userId: member.user.id } });
  return rows.map((row) => accountOfOwnerKey(row.ownerKey)).find((each) => each !== "first") ?? "";
}

const ada = "Your account Ada Lovelace";
const grace = "Your account Grace Hopper";

describe("a server that asks which account to use", () => {
  beforeEach(() => setUp({ askWhichAccount: true }));

  it("is called with the account that the person chooses, and not before", async () => {
    const id = await create(member);
    const waiting = await turn(member, id, "Who am I?");
    expect(lastCall(waiting)).toMatchObject({
      state: "AWAITING_ACCOUNT",
      account: null,
      accounts: [
        { account: "first", accountName: "Ada Lovelace", isDefault: true },
        { accountName: "Grace Hopper", isDefault: false },
      ],
      isAccountKept: false,
    });
    expect(parts(waiting, "data-account-required")).toMatchObject([
      { data: { serverId, serverName: "Files", reason: expect.stringContaining("asks which") } },
    ]);
    expect(files.toolCalls).toEqual([]);

    const account = await secondAccount();
    const chosen = await decide(member, id, lastCall(waiting), { decision: "choose", account });
    expect(await chosen.json()).toMatchObject({ state: "RUNNING", account });
    const done = await turn(member, id);
    expect(actedAs(done)).toEqual([grace]);
    expect(files.toolCalls).toHaveLength(1);
    expect(lastCall(done)).toMatchObject({ state: "DONE", accounts: [] });
    // Chosen for this call only.
    expect(lastCall(await turn(member, id, "Who am I?"))).toMatchObject({
      state: "AWAITING_ACCOUNT",
    });
  });

  it("is called with it for the rest of the conversation, in no other one, and only until it is gone", async () => {
    const id = await create(member);
    const account = await secondAccount();
    const waiting = await turn(member, id, "Who am I?");
    const choice = { decision: "choose", account, keepAccount: true };
    await decide(member, id, lastCall(waiting), choice);
    await turn(member, id);
    const again = await turn(member, id, "Who am I?");
    expect(actedAs(again)).toEqual([grace, grace]);

    const other = await create(member);
    expect(lastCall(await turn(member, other, "Who am I?"))).toMatchObject({
      state: "AWAITING_ACCOUNT",
    });

    await revoke(usher.app, member.actor, {
      ...{ serverId, ownerKey: `${member.user.id}:${account}` },
    });
    await authorizeAs(member, serverId, "grace", "new");
    const gone = await turn(member, id, "Who am I?");
    expect(lastCall(gone)).toMatchObject({ state: "AWAITING_ACCOUNT", account: null });
    expect(JSON.stringify(parts(gone, "data-account-required"))).toContain("no longer connected");
    expect(actedAs(gone)).toHaveLength(2);
  });

  it("waits for confirmation after the choice where the call changes something", async () => {
    const id = await create(member);
    const account = await secondAccount();
    const waiting = await turn(member, id, "Write chosen.md: a line");
    await decide(member, id, lastCall(waiting), { decision: "choose", account });
    const confirming = await turn(member, id);
    expect(lastCall(confirming)).toMatchObject({
      ...{ state: "AWAITING_CONFIRMATION", account, actingAs: grace },
      accounts: [{ account: "first" }, { account }],
    });
    expect(files.toolCalls).toEqual([]);
    await decide(member, id, lastCall(confirming), { decision: "run", account: "first" });
    expect(actedAs(await turn(member, id))).toEqual([ada]);
    expect(files.toolCalls).toEqual(["write_file"]);
  });

  it("is not called when the person skips", async () => {
    const id = await create(member);
    const waiting = await turn(member, id, "Who am I?");
    await decide(member, id, lastCall(waiting), { decision: "skip" });
    expect(lastCall(await turn(member, id))).toMatchObject({ state: "SKIPPED" });
    expect(files.toolCalls).toEqual([]);
  });

  it("is not called with another person’s account", async () => {
    await authorizeAs(admin, serverId, "ada");
    await authorizeAs(admin, serverId, "grace", "new");
    files.forgetRequests();
    const rows = await usher.app.db.storedTokenSet.findMany({ where: { userId: admin.user.id } });
    const theirs = rows.map(({ ownerKey }) => accountOfOwnerKey(ownerKey));
    const [stranger = ""] = theirs.filter((account) => account !== "first");
    const id = await create(member);
    const call = lastCall(await turn(member, id, "Who am I?"));
    const named = [stranger, "000000000000", "team"];
    for (const decision of ["choose", "run"] as const) {
      for (const account of named) {
        const refused = await decide(member, id, call, { decision, account });
        expect(refused.status, `${decision} ${account}`).toBe(409);
      }
    }
    for (const account of [...rows.map(({ ownerKey }) => ownerKey), admin.user.id, "shared", ""]) {
      const refused = await decide(member, id, call, { decision: "choose", account });
      expect(refused.status, account).toBe(400);
    }
    // Written past the route, as by hand in the database.
    const { db } = usher.app;
    await db.pausedToolCall.updateMany({ data: { account: stranger } });
    await turn(member, id);
    await db.pausedToolCall.updateMany({ data: { account: null } });
    await db.conversation.updateMany({ data: { accounts: { [serverId]: stranger } } });
    expect(lastCall(await turn(member, id))).toMatchObject({ state: "AWAITING_ACCOUNT" });
    expect(files.toolCalls).toEqual([]);
  });

  it("waits in a conversation in which no one else can choose", async () => {
    const id = await create(member);
    const call = lastCall(await turn(member, id, "Who am I?"));
    const own = await create(admin);
    for (const conversation of [id, own]) {
      const choice = { decision: "choose", account: "first" };
      const refused = await decide(admin, conversation, call, choice);
      expect(refused.status).toBe(404);
    }
    expect(lastCall(await read(member, id))).toMatchObject({ account: null });
  });
});

describe("an account that disappears between the choice and the call", () => {
  it("is asked for again: no other account is used", async () => {
    await setUp({ askWhichAccount: true });
    const id = await create(member);
    const account = await secondAccount();
    const waiting = await turn(member, id, "Who am I?");
    await decide(member, id, lastCall(waiting), { decision: "choose", account });
    await revoke(usher.app, member.actor, {
      ...{ serverId, ownerKey: `${member.user.id}:${account}` },
    });
    expect(lastCall(await turn(member, id))).toMatchObject({ state: "AWAITING_ACCOUNT" });
    expect(files.toolCalls).toEqual([]);
  });

  it("takes with it the confirmation that was given for it", async () => {
    await setUp({});
    const id = await create(member);
    const account = await secondAccount();
    const waiting = await turn(member, id, "Write gone.md: a line");
    expect(lastCall(waiting)).toMatchObject({ state: "AWAITING_CONFIRMATION", account: "first" });
    await decide(member, id, lastCall(waiting), { decision: "run", account });
    await revoke(usher.app, member.actor, {
      ...{ serverId, ownerKey: `${member.user.id}:${account}` },
    });
    const asked = await turn(member, id);
    expect(lastCall(asked)).toMatchObject({ state: "AWAITING_ACCOUNT", account: null });
    await decide(member, id, lastCall(asked), { decision: "choose", account: "first" });
    expect(lastCall(await turn(member, id))).toMatchObject({ state: "AWAITING_CONFIRMATION" });
    expect(files.toolCalls).toEqual([]);
  });

  it("can be the team’s, once the server no longer offers it", async () => {
    await setUp({ askWhichAccount: true, teamAccount: true });
    await authorizeAs(admin, serverId, "grace", "team");
    const id = await create(member);
    const waiting = await turn(member, id, "Who am I?");
    expect(lastCall(waiting)?.accounts.map((each) => each.account)).toContain("team");
    await decide(member, id, lastCall(waiting), { decision: "choose", account: "team" });
    await usher.app.db.oAuthClient.updateMany({ data: { settings: { askWhichAccount: true } } });
    usher.app.forget(serverId);
    files.forgetRequests();
    const asked = await turn(member, id);
    expect(lastCall(asked)).toMatchObject({ state: "AWAITING_ACCOUNT" });
    expect(JSON.stringify(parts(asked, "data-account-required"))).toContain("no longer offers");
    expect(files.toolCalls).toEqual([]);
  });
});

describe("a call whose account is no longer connected", () => {
  const endAccess = (ownerKey: string) =>
    usher.app.db.storedTokenSet.updateMany({
      where: { ownerKey },
      data: { rejectedAt: new Date(), lastRefreshError: "Ended.", lastRefreshErrorAt: new Date() },
    });

  it("waits for consent to that account, and continues with it", async () => {
    await setUp({ askWhichAccount: true });
    const account = await secondAccount();
    await endAccess(`${member.user.id}:${account}`);
    usher.app.forget(serverId);
    const id = await create(member);
    const choosing = await turn(member, id, "Who am I?");
    await decide(member, id, lastCall(choosing), { decision: "choose", account });
    const waiting = await turn(member, id);
    expect(lastCall(waiting)).toMatchObject({ state: "AWAITING_AUTHORIZATION", account });
    expect(lastCall(waiting)).toMatchObject({ connected: false, actingAs: grace });
    expect(parts(waiting, "data-authorization-required")).toMatchObject([
      { data: { account, reason: expect.stringContaining(grace) } },
    ]);
    // The other account is not a fallback.
    expect(lastCall(await turn(member, id))).toMatchObject({ state: "AWAITING_AUTHORIZATION" });
    await authorizeAs(member, serverId, "grace", account);
    expect(actedAs(await turn(member, id))).toEqual([grace]);
    expect(files.toolCalls).toHaveLength(1);
  });

  it("waits for an admin if it is the team’s", async () => {
    await setUp({ askWhichAccount: true, teamAccount: true });
    await authorizeAs(admin, serverId, "grace", "team");
    await endAccess("shared");
    usher.app.forget(serverId);
    const id = await create(member);
    const choosing = await turn(member, id, "Who am I?");
    await decide(member, id, lastCall(choosing), { decision: "choose", account: "team" });
    const waiting = await turn(member, id);
    expect(lastCall(waiting)).toMatchObject({
      ...{ state: "AWAITING_AUTHORIZATION", account: "team" },
      ...{ canAuthorize: false, canAskAdmin: true },
    });
    expect(parts(waiting, "data-authorization-required")).toMatchObject([
      { data: { account: "team", tokenSharing: "SHARED" } },
    ]);
  });
});

describe("“Always allow”", () => {
  it("is refused together with a non-default account", async () => {
    await setUp({});
    const id = await create(member);
    const account = await secondAccount();
    const call = lastCall(await turn(member, id, "Write once.md: a line"));
    const alwaysAllow = call?.alwaysAllow?.fingerprint ?? "0".repeat(64);
    const refused = await decide(member, id, call, { decision: "run", account, alwaysAllow });
    expect(refused.status).toBe(403);
    expect(await usher.app.db.alwaysAllowedTool.count()).toBe(0);
  });

  it("for the default account lets no call by another account run without confirmation", async () => {
    await setUp({});
    await usher.app.db.assistant.updateMany({ data: { alwaysAllow: "ALL" } });
    const id = await create(member);
    const account = await secondAccount();
    const first = lastCall(await turn(member, id, "Write once.md: a line"));
    const alwaysAllow = first?.alwaysAllow?.fingerprint ?? "";
    const allowed = await decide(member, id, first, { decision: "run", alwaysAllow });
    expect(allowed.status).toBe(200);
    await turn(member, id);
    await turn(member, id, "Write twice.md: a line");
    expect(files.toolCalls).toEqual(["write_file", "write_file"]);

    await usher.app.db.conversation.updateMany({ data: { accounts: { [serverId]: account } } });
    const asked = await turn(member, id, "Write thrice.md: a line");
    expect(lastCall(asked)).toMatchObject({ state: "AWAITING_CONFIRMATION", account });
    expect(files.toolCalls).toHaveLength(2);
  });
});
