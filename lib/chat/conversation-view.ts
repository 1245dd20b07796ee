import { readAccess } from "@/lib/access/read-access";
import { viewAlwaysAllow } from "@/lib/assistants/always-allow";
import type {
  ChatMessage,
  ConversationDetail,
  ConversationSummary,
  MessagePage,
  PausedToolCallState,
  PausedToolCallView,
} from "@/lib/contracts/chat/chat";
import { teamAccount } from "@/lib/contracts/connections/account";
import {
  type ConversationRow,
  keptAccount,
  readTurnState,
  type TurnState,
} from "@/lib/db/conversation";
import { listMessagePage } from "@/lib/db/message";
import { listPausedToolCalls, type PausedToolCallRow } from "@/lib/db/paused-tool-call";
import { findUsableAssistant, toolboxOf } from "./assistants";
import type { ChatAccount, ChatContext, ChatUser } from "./context";
import { findToolPart, isToolPart } from "./message-in-progress";
import { isSettled, toChatMessage } from "./message-parts";
import { isResourceReader, resourceReaderTitle } from "./tool-calls/linked-resources";
import { isArguments } from "./tool-calls/run-tool-call";
import { createToolbox, type Toolbox } from "./tool-calls/toolbox";
import { interruptedTurn } from "./turn/turn";

export function viewConversationSummary(row: ConversationRow): ConversationSummary {
  return {
    id: row.id,
    title: row.title,
    assistantId: row.assistant?.id ?? null,
    assistantName: row.assistant?.name ?? null,
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** A conversation's newest messages, with the current connection of each waiting call. */
export async function viewConversation(
  ctx: ChatContext,
  user: ChatUser,
  row: ConversationRow,
): Promise<ConversationDetail> {
  const turnState = await readTurnState(ctx.db, row.id);
  const page = await viewMessages(ctx, user, row, { before: null, turnState });
  const { messages } = page;
  return {
    ...viewConversationSummary(row),
    ...page,
    messages: turnState === "interrupted" ? withInterruption(row.id, messages) : messages,
    running: turnState === "running",
    model: row.model,
  };
}

/** A page of messages with their paused calls. @param before a position; null: the newest */
export async function viewMessages(
  ctx: ChatContext,
  user: ChatUser,
  { id, assistantId, accounts }: ConversationRow,
  { before, turnState }: { before: number | null; turnState: TurnState },
): Promise<MessagePage> {
  const { rows, older } = await listMessagePage(ctx.db, id, before);
  const messages = rows.map(toChatMessage);
  const callIds = new Set(
    messages.flatMap(({ parts }) => parts.filter(isToolPart).map((part) => part.toolCallId)),
  );
  const [first] = rows;
  // A call is stored as waiting a moment before the message that makes it.
  const isNew = ({ createdAt }: PausedToolCallRow) =>
    before === null && (!first || createdAt >= first.createdAt);
  const paused = (await listPausedToolCalls(ctx.db, id)).filter(
    (call) => callIds.has(call.toolCallId) || isNew(call),
  );
  const conversation = { assistantId, accounts, messages, turnState };
  return {
    messages,
    pausedToolCalls: await viewPausedToolCalls(ctx, user, paused, conversation),
    older: older === null ? null : `${older}`,
  };
}

export async function viewPausedToolCalls(
  ctx: ChatContext,
  user: ChatUser,
  rows: readonly PausedToolCallRow[],
  conversation: {
    assistantId: string | null;
    /** Those that the person chose for the rest of it, as stored. */
    accounts: unknown;
    messages: readonly ChatMessage[];
    turnState: TurnState;
  },
): Promise<PausedToolCallView[]> {
  if (rows.length === 0) return [];
  const serverIds = [...new Set(rows.map((row) => row.serverId))];
  const { assistantId } = conversation;
  const [toolbox, access] = await Promise.all([
    toolboxNow(ctx, user, assistantId),
    readAccess(ctx.db, user, { assistantId, servers: serverIds }),
  ]);
  const described = new Map<string, Promise<ChatAccount>>();
  const accountOf = ({ serverId, account }: PausedToolCallRow) => {
    const wanted = account ?? keptAccount(conversation.accounts, serverId);
    const key = `${serverId} ${wanted}`;
    const known = described.get(key) ?? ctx.describeAccount(serverId, user, wanted);
    described.set(key, known);
    return known;
  };
  const views = rows.map(async (row) => {
    const { serverId, toolName } = row;
    const account = access.mayUseServer(serverId) ? await accountOf(row) : undefined;
    const isTeams = account?.account === teamAccount;
    const tokenSharing = isTeams ? "SHARED" : (row.server.oauthClient?.tokenSharing ?? "PER_USER");
    const lost = !access.mayCall({ assistantId, serverId: row.serverId });
    const canAuthorize = !lost && ctx.mayAuthorize(user, tokenSharing);
    const tool = toolbox.find(row.serverId, row.toolName);
    const reads = tool === null && isResourceReader(row.toolName);
    const state = visibleState(row, conversation);
    const undecided = state === "AWAITING_CONFIRMATION" && isArguments(row.input);
    return {
      id: row.id,
      toolCallId: row.toolCallId,
      serverId: row.serverId,
      serverName: row.server.name,
      toolName: row.toolName,
      toolTitle: tool?.title ?? (reads ? resourceReaderTitle : row.toolName),
      state,
      readOnly: tool?.readOnly ?? reads,
      asks: tool?.asks ?? null,
      alwaysAllow:
        undecided && tool && assistantId !== null
          ? await viewAlwaysAllow(ctx.db, { userId: user.id, assistantId, serverId, toolName })
          : null,
      actingAs: account?.actingAs ?? "Unknown account",
      account: row.account,
      accounts:
        !lost && (undecided || state === "AWAITING_ACCOUNT")
          ? await ctx.listAccounts(serverId, user)
          : [],
      isAccountKept: keptAccount(conversation.accounts, serverId) !== null,
      arguments: undecided ? (row.input as Record<string, unknown>) : null,
      canAuthorize,
      whoCan: canAuthorize ? null : lost ? accessLost : "Only an admin can authorize this server.",
      input: viewInput(row),
      canAskAdmin: state === "AWAITING_AUTHORIZATION" && !lost && !canAuthorize,
      adminAskedAt: row.adminAskedAt?.toISOString() ?? null,
      connected: account?.connected ?? false,
    };
  });
  return Promise.all(views);
}

const accessLost = "You no longer have access to this. Skip the call, or ask an admin.";

/** What the assistant may call now: a waiting call does not outlive its tool. */
async function toolboxNow(
  ctx: ChatContext,
  user: ChatUser,
  assistantId: string | null,
): Promise<Toolbox> {
  const row = await findUsableAssistant(ctx.db, user, assistantId);
  return row ? toolboxOf(row) : createToolbox([]);
}

/**
 * What a person can do about the call. A confirmed one can be confirmed again until a turn has
 * claimed it: the page that was to start that turn may be gone.
 */
function visibleState(
  row: PausedToolCallRow,
  { messages, turnState }: { messages: readonly ChatMessage[]; turnState: TurnState },
): PausedToolCallState {
  const part = messages
    .map((message) => findToolPart(message, row.toolCallId))
    .find((found) => found !== null);
  if (part && isSettled(part)) return row.state === "SKIPPED" ? "SKIPPED" : "DONE";
  if (turnState !== "running" && isHeldOpen(row)) return "RUNNING";
  const isChosen = row.state === "AWAITING_ACCOUNT" && row.account !== null;
  if (isChosen && turnState === "running") return "RUNNING";
  if (row.state !== "CONFIRMED") return row.state;
  return turnState === "running" ? "RUNNING" : "AWAITING_CONFIRMATION";
}

/** It waits for an answer in its turn's process, and ends with it. */
function isHeldOpen({ state, inputFlow }: PausedToolCallRow): boolean {
  const asking = state === "AWAITING_INPUT" || state === "INPUT_GIVEN";
  return asking && inputFlow === "ELICITATION_REQUEST";
}

/** The answered questions, never the answers. */
function viewInput({ inputFlow, inputRound, inputOutcomes }: PausedToolCallRow) {
  if (inputFlow === null) return null;
  return { round: inputRound, answered: Object.keys(inputOutcomes ?? {}) };
}

/** Reports what a dead process could not report. */
function withInterruption(conversationId: string, messages: ChatMessage[]): ChatMessage[] {
  const part = { type: "data-turn-error" as const, data: interruptedTurn };
  const last = messages.at(-1);
  if (last?.role !== "assistant") {
    return [...messages, { id: `interrupted-${conversationId}`, role: "assistant", parts: [part] }];
  }
  return [...messages.slice(0, -1), { ...last, parts: [...last.parts, part] }];
}
