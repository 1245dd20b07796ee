import { randomUUID } from "node:crypto";
import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { DELETE as revokeRoute } from "@/app/api/account/always-allowed/[alwaysAllowedId]/route";
import { GET as listRoute } from "@/app/api/account/always-allowed/route";
import { PUT as assistantRoute } from "@/app/api/assistants/[assistantId]/route";
import { POST as decideRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/route";
import { GET as conversationRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as toolsRoute } from "@/app/api/mcp-servers/[serverId]/tools/route";
import { createAssistant } from "@/lib/assistants/assistant";
import type { AssistantInput } from "@/lib/contracts/assistant";
import type { AlwaysAllowedList, AlwaysAllowPolicy } from "@/lib/contracts/chat/always-allow";
import type { ConversationDetail, PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { createServer } from "@/lib/servers/save";
import { modelKey, send } from "@/tests/support/chat-fixture";
import { Clock } from "@/tests/support/clock";
import { startInstallation } from "@/tests/support/installation";
import { startPlainMcpServer } from "@/tests/support/mcp-servers";
import { startOpenAiServer } from "@/tests/support/openai-server";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

/** As the MCP server defines its only tool; a test may change it. */
export interface Definition {
  name: string;
  description: string;
  destructive: boolean | undefined;
}

/**
 * An assistant with one tool of a real MCP server that changes data. Any message makes a scripted model
 * call it.
 *
 * @param server replaces the one without an account: its settings, and how its tool is called
 */
export async function startAlwaysAllowStage(server?: {
  input: McpServerInput;
  tool: { name: string; arguments: object };
}) {
  const definition: Definition = {
    ...{ name: "remember", description: "Keeps a note.", destructive: false },
  };
  const plain = await startPlainMcpServer({ tools: (mcp) => define(mcp, definition) });
  let tool = server?.tool ?? { name: "notes__remember", arguments: { note: "milk" } };
  let meanwhile: () => Promise<unknown> = async () => undefined;
  const model = await startOpenAiServer(async ({ messages }) => {
    if (messages.at(-1)?.role !== "user") return [{ type: "text", deltas: ["Done."] }];
    await meanwhile();
    return [{ type: "tool-call", ...tool }];
  });
  const clock = new Clock();
  const usher = await startInstallation({
    now: clock.now,
    env: {
      AI_MODEL: "openai-compatible/practice-model",
      OPENAI_COMPATIBLE_BASE_URL: model.url,
      OPENAI_COMPATIBLE_API_KEY: modelKey,
    },
  });
  const admin = await usher.join("ADMIN");
  const member = await usher.join("MEMBER");
  const input = server?.input ?? serverInput({ name: "Notes", url: plain.url });
  const serverId = await createServer(usher.app, input);
  const assistant = (name: string, alwaysAllow: AlwaysAllowPolicy): AssistantInput => ({
    ...{ name, description: "", instructions: "", model: "", alwaysAllow },
    servers: [{ serverId, allTools: true, toolNames: [] }],
  });
  const addAssistant = async (name: string, alwaysAllow: AlwaysAllowPolicy) =>
    (
      await createAssistant(
        { ...usher.app, modelProblem: () => null },
        assistant(name, alwaysAllow),
      )
    ).id;
  const assistantId = await addAssistant("Keeper", "NOT_DESTRUCTIVE");

  /** What the server lists from now on is what assistants have. */
  async function readTools(): Promise<void> {
    clock.advance(25 * 60 * 60_000);
    const path = `/api/mcp-servers/${serverId}/tools`;
    await expectOk(admin.visit(toolsRoute, { path, method: "POST", params: { serverId } }));
  }

  async function save(change: Partial<AssistantInput>): Promise<void> {
    const json = { ...assistant("Keeper", "NOT_DESTRUCTIVE"), ...change };
    const visit = { path: `/api/assistants/${assistantId}`, method: "PUT", json };
    await expectOk(admin.visit(assistantRoute, { ...visit, params: { assistantId } }));
  }

  const at = (conversationId: string) => `/api/chat/conversations/${conversationId}`;

  async function turn(
    visitor: Visitor,
    conversationId: string,
    json: object,
    headers?: Record<string, string>,
  ): Promise<number> {
    const visit = { path: `${at(conversationId)}/turn`, json, params: { conversationId } };
    const response = await visitor.visit(turnRoute, { ...visit, ...(headers ? { headers } : {}) });
    await response.text();
    await usher.settle();
    return response.status;
  }

  /** Writes in a new conversation. @returns its id */
  async function ask(visitor: Visitor, of = assistantId, headers?: Record<string, string>) {
    const id = randomUUID();
    await turn(visitor, id, { ...send("Go"), assistantId: of }, headers);
    return id;
  }

  async function read(visitor: Visitor, conversationId: string): Promise<ConversationDetail> {
    const visit = { path: at(conversationId), params: { conversationId } };
    return (await visitor.visit(conversationRoute, visit)).json();
  }

  /** This conversation's waiting call. */
  async function waiting(visitor: Visitor, conversationId: string): Promise<PausedToolCallView> {
    const { pausedToolCalls } = await read(visitor, conversationId);
    const call = pausedToolCalls.find(({ state }) => state.startsWith("AWAITING"));
    if (!call) throw new Error("No call waits.");
    return call;
  }

  function decide(visitor: Visitor, conversationId: string, callId: string, json: object) {
    return visitor.visit(decideRoute, {
      path: `${at(conversationId)}/paused-tool-calls/${callId}`,
      params: { conversationId, pausedToolCallId: callId },
      json: { decision: "run", ...json },
    });
  }

  /** Runs a waiting call and always allows its tool. */
  async function allow(visitor: Visitor, of = assistantId): Promise<string> {
    const id = await ask(visitor, of);
    const call = await waiting(visitor, id);
    const alwaysAllow = call.alwaysAllow?.fingerprint;
    await expectOk(decide(visitor, id, call.id, { alwaysAllow }));
    await turn(visitor, id, { kind: "resume" });
    return id;
  }

  async function list(visitor: Visitor): Promise<AlwaysAllowedList["tools"]> {
    const response = await visitor.visit(listRoute, { path: "/api/account/always-allowed" });
    return ((await response.json()) as AlwaysAllowedList).tools;
  }

  async function revoke(visitor: Visitor, id: string): Promise<number> {
    const visit = { path: `/api/account/always-allowed/${id}`, method: "DELETE" };
    const params = { alwaysAllowedId: id };
    return (await visitor.visit(revokeRoute, { ...visit, params })).status;
  }

  /** From the audit's events, newest last. */
  async function audited(action: string) {
    await usher.settle();
    return usher.app.db.auditEvent.findMany({ where: { action }, orderBy: { at: "asc" } });
  }

  await readTools();
  return {
    ...{ usher, clock, admin, member, serverId, assistantId, definition, model },
    ...{ addAssistant, readTools, save, turn, ask, read, waiting, decide, allow, list, revoke },
    audited,
    /** How often the server was called. */
    calls: () => plain.requests.filter(({ rpcMethod }) => rpcMethod === "tools/call").length,
    /** What the model calls from now on. */
    callTool(next: { name: string; arguments: object }) {
      tool = next;
    },
    /** What happens from now on in each turn, before the model requests the call. */
    meanwhile(happens: () => Promise<unknown>) {
      meanwhile = happens;
    },
    async close() {
      await usher.close();
      await model.close();
      await plain.close();
    },
  };
}

export type AlwaysAllowStage = Awaited<ReturnType<typeof startAlwaysAllowStage>>;

async function expectOk(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

function define(mcp: McpServer, { name, description, destructive }: Definition): void {
  mcp.registerTool(
    name,
    {
      title: "Remember",
      description,
      inputSchema: z.object({ note: z.string() }),
      annotations: {
        readOnlyHint: false,
        ...(destructive === undefined ? {} : { destructiveHint: destructive }),
      },
    },
    async ({ note }) => ({ content: [{ type: "text" as const, text: `Kept: ${note}` }] }),
  );
}
