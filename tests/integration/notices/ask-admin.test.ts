import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as askRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/ask-admin/route";
import { GET as readRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute } from "@/app/api/chat/conversations/route";
import { GET as noticesRoute } from "@/app/api/notices/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { createAssistant } from "@/lib/assistants/assistant";
import type { ConversationDetail, TurnInput } from "@/lib/contracts/chat/chat";
import type { OpenNotice } from "@/lib/contracts/notices/open-notice";
import { createServer } from "@/lib/servers/save";
import { authorize } from "@/tests/support/authorize";
import { send } from "@/tests/support/chat-fixture";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const base = "/api/chat/conversations";
let dataDir: string;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;
let serverId: string;
let conversationId: string;

/** The shared account was removed after its tools were read, and a member's call waits for it. */
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "ask-admin-"));
  provider = await startProvider();
  files = await startPersonalFiles({ provider, dataDir });
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
  const input = { name: "Files", url: files.url, oauth: { tokenSharing: "SHARED" as const } };
  serverId = await createServer(usher.app, oauthServerInput(provider, input));
  await authorize(admin, serverId, "grace");
  await usher.settle();
  await usher.app.db.storedTokenSet.deleteMany();
  usher.app.forget(serverId);
  const { id: assistantId } = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      ...{ name: "Guide", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );
  const created = await member.visit(createRoute, { path: base, json: { assistantId } });
  conversationId = ((await created.json()) as ConversationDetail).id;
  await turn(send("Read my todo.md"));
  expect((await read()).pausedToolCalls).toMatchObject([{ state: "AWAITING_AUTHORIZATION" }]);
});
afterEach(async () => {
  await Promise.all([usher.close(), files.close(), provider.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

async function turn(input: TurnInput): Promise<void> {
  const path = `${base}/${conversationId}/turn`;
  const answer = await member.visit(turnRoute, { path, params: { conversationId }, json: input });
  expect(answer.status).toBe(200);
  await answer.text();
}

async function read(): Promise<ConversationDetail> {
  const path = `${base}/${conversationId}`;
  return (await member.visit(readRoute, { path, params: { conversationId } })).json();
}

async function ask(visitor: Visitor): Promise<Response> {
  const pausedToolCallId = (await read()).pausedToolCalls[0]?.id ?? "";
  const path = `${base}/${conversationId}/paused-tool-calls/${pausedToolCallId}/ask-admin`;
  const params = { conversationId, pausedToolCallId };
  return visitor.visit(askRoute, { path, params, method: "POST" });
}

async function noticesOfAdmin(): Promise<OpenNotice[]> {
  return (await (await admin.visit(noticesRoute, { path: "/api/notices" })).json()).notices;
}

describe("a member whose call waits for the shared account", () => {
  it("asks the admins, and the call continues once one of them has authorized", async () => {
    const asked = await ask(member);
    expect(asked.status).toBe(200);
    expect(await asked.json()).toMatchObject({ adminAskedAt: expect.any(String) });
    expect(await noticesOfAdmin()).toMatchObject([
      {
        ...{ kind: "authorization_requested", serverName: "Files", shared: true },
        ...{ waitingPeople: 1, waitingNames: [member.user.name] },
      },
    ]);
    await usher.settle();
    const stored = await usher.app.db.notice.findMany({ where: { closedAt: null } });
    expect(stored).toMatchObject([{ kind: "authorization_requested", userId: null }]);

    await authorize(admin, serverId, "grace");
    expect(await noticesOfAdmin()).toEqual([]);
    await turn({ kind: "resume" });
    expect((await read()).pausedToolCalls).toMatchObject([{ state: "DONE" }]);
    expect(files.toolCalls).toEqual(["read_file"]);
  });

  it("is listed among all who wait, each named once however often they ask", async () => {
    await ask(member);
    await ask(member);
    expect(await noticesOfAdmin()).toMatchObject([{ waitingPeople: 1 }]);
    await usher.app.db.user.update({
      where: { id: member.user.id },
      data: { disabledAt: new Date() },
    });
    expect(await noticesOfAdmin()).toMatchObject([{ kind: "shared_account_needs_authorization" }]);
  });

  it("is the only one who can ask for it", async () => {
    const other = await usher.join("MEMBER");
    expect((await ask(other)).status).toBe(404);
    expect((await ask(admin)).status).toBe(404);
    const [notice] = await noticesOfAdmin();
    expect(notice).toMatchObject({ kind: "shared_account_needs_authorization", waitingPeople: 0 });
  });

  it("cannot ask once the account is connected", async () => {
    await authorize(admin, serverId, "grace");
    await turn({ kind: "resume" });
    expect((await ask(member)).status).toBe(409);
  });
});
