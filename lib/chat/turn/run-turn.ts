import { randomUUID } from "node:crypto";
import { readAccess } from "@/lib/access/read-access";
import { type AssistantForChat, readAssistant } from "@/lib/chat/assistants";
import { type ChatContext, type ChatUser, turnTiming } from "@/lib/chat/context";
import { openConversation } from "@/lib/chat/conversations";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import {
  chunksOf,
  linksByServer,
  unsettledToolCalls,
  wantsModelStep,
} from "@/lib/chat/message-parts";
import { modelReach, type ResolvedModel, resolveModel } from "@/lib/chat/model/model";
import { decideModel, type ModelDecision } from "@/lib/chat/model/model-choice";
import { explainModelFailure, type ModelFailure } from "@/lib/chat/model/model-failure";
import { modelInstructions } from "@/lib/chat/model/model-input";
import { type Refused, runModelStep } from "@/lib/chat/model/model-step";
import { withResourceReaders } from "@/lib/chat/tool-calls/linked-resources";
import { settleToolCalls } from "@/lib/chat/tool-calls/settle-tool-calls";
import { onlyServers, type Toolbox } from "@/lib/chat/tool-calls/toolbox";
import type { ChatMessage, TurnInput } from "@/lib/contracts/chat/chat";
import type { ModelSetup } from "@/lib/contracts/chat/model-name";
import { mostToolsOf } from "@/lib/contracts/model-tools";
import { claimTurn, releaseTurn, rememberModel } from "@/lib/db/conversation";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { ConflictError, UsherError } from "@/lib/errors";
import { beginTurn, type TurnBeginning } from "./begin-turn";
import { interruptedTurn, openTurn, type Turn, TurnLostError } from "./turn";

export type RunningTurn = {
  /** UI message chunks of the AI SDK. It may be left unread. */
  stream: ReadableStream<ChatChunk>;
  /** Resolves when the turn is over, whether anyone read the stream or not. Never rejects. */
  finished: Promise<void>;
};

const mostSteps = 12;

/**
 * Continues a conversation: applies a message, a consent or a retry, then lets the model write
 * and its tool calls run until it is done, a person is needed, or it fails. Everything is stored as it
 * arrives.
 * @throws NotFoundError no such conversation of this person
 * @throws InvalidInputError a new conversation's assistant does not exist
 * @throws ConflictError another turn runs, or the input does not match what is stored
 */
export async function runTurn(
  ctx: ChatContext,
  options: { user: ChatUser; conversationId: string; input: TurnInput; signal?: AbortSignal },
): Promise<RunningTurn> {
  const { user, conversationId, input, signal } = options;
  const conversation = await openConversation(ctx, user, conversationId, input);
  const [assistant, setup] = await Promise.all([
    readAssistant(ctx, user, conversation.assistantId),
    readModelSetup(ctx.db, ctx.modelEnv),
  ]);
  const asked = "model" in input ? input.model : undefined;
  const chosen = asked === undefined ? conversation.model : asked;
  const decided = decideModel(setup, assistant, { role: user.role, chosen });

  const key = { conversationId, turnId: randomUUID() };
  const { leaseMs } = { ...turnTiming, ...ctx.timing };
  if (!(await claimTurn(ctx.db, key, leaseMs))) {
    throw new ConflictError(
      "An answer is being written in this conversation. Wait until it is done, or stop it.",
    );
  }
  let beginning: TurnBeginning;
  try {
    if (decided.chosen !== conversation.model) await rememberModel(ctx.db, key, decided.chosen);
    beginning = await beginTurn(ctx, key, input);
  } catch (error) {
    await releaseTurn(ctx.db, key);
    throw error;
  }
  const turn = openTurn(ctx, key, beginning.message, signal);
  const { accounts } = conversation;
  const write = () =>
    goOn(ctx, turn, { ...beginning, user, assistant, accounts, model: { setup, ...decided } });
  const traced = ctx.telemetry?.on;
  const finished = traced
    ? traced.span("turn", { conversationId, assistantId: assistant.id }, write)
    : write();
  return { stream: turn.stream, finished };
}

type Beginning = TurnBeginning & {
  user: ChatUser;
  assistant: AssistantForChat;
  /** As `SettleOptions`. */
  accounts: unknown;
  model: ModelDecision & { setup: ModelSetup };
};

async function goOn(ctx: ChatContext, turn: Turn, beginning: Beginning): Promise<void> {
  const { message } = beginning;
  const { createdAt } = message.metadata ?? {};
  turn.send({
    type: "start",
    messageId: message.id,
    ...(createdAt ? { messageMetadata: { createdAt } } : {}),
  });
  for (const chunk of chunksOf(beginning.resend)) turn.send(chunk);
  try {
    const cameToAnEnd = await writeAnswer(ctx, turn, beginning);
    if (!cameToAnEnd) writeEarlyEnd(turn);
  } catch (error) {
    if (!(error instanceof TurnLostError)) writeFailure(ctx, turn, unforeseen(error));
  }
  await turn.close();
}

/** @returns false if the turn's signal ended it early */
async function writeAnswer(ctx: ChatContext, turn: Turn, beginning: Beginning): Promise<boolean> {
  const { user, before, model, accounts } = beginning;
  let { assistant } = beginning;
  const { id: assistantId } = assistant;
  const refused: Refused = { tools: new Set(), history: new Set() };
  const leftOpen = new Set(unsettledToolCalls(turn.message).map((part) => part.toolCallId));

  let toolbox = withLinks(assistant.toolbox, [...before, turn.message]);
  for (let step = 0; ; step++) {
    if (step > 0) {
      const still = await stillUsable(ctx, user, assistant);
      if (!still) {
        writeFailure(ctx, turn, accessLost);
        return true;
      }
      if (still !== assistant) toolbox = withLinks(still.toolbox, [...before, turn.message]);
      assistant = still;
    }
    const options = { user, toolbox, leftOpen, assistantId, accounts };
    if (await settleToolCalls(ctx, turn, options)) return true;
    if (turn.signal.aborted) return false;
    if (!wantsModelStep(turn.message)) return true;
    if (step === mostSteps) {
      writeStepLimit(turn);
      return true;
    }
    // The latest answers may link to more.
    toolbox = withLinks(assistant.toolbox, [...before, turn.message]);
    tellModel(turn, before, model);
    const failure = await takeStep(ctx, turn, assistant, { toolbox, before, refused, model });
    if (turn.signal.aborted) continue;
    if (failure) {
      writeFailure(ctx, turn, failure);
      return true;
    }
    await turn.save();
  }
}

/** Access may be lost while a turn runs. Null: the person may no longer use the assistant. */
async function stillUsable(
  ctx: ChatContext,
  user: ChatUser,
  assistant: AssistantForChat,
): Promise<AssistantForChat | null> {
  const { id: assistantId, toolbox } = assistant;
  const access = await readAccess(ctx.db, user, { assistantId, servers: "of-assistant" });
  if (!access.mayUseAssistant(assistantId)) return null;
  if (toolbox.tools.every(({ serverId }) => access.mayUseServer(serverId))) return assistant;
  return { ...assistant, toolbox: onlyServers(toolbox, access.mayUseServer) };
}

const accessLost: ModelFailure = {
  message: "You no longer have access to this assistant. What was written is kept.",
  retryable: false,
  log: { error: "access lost" },
};

async function takeStep(
  ctx: ChatContext,
  turn: Turn,
  assistant: AssistantForChat,
  options: Pick<Beginning, "before" | "model"> & { toolbox: Toolbox; refused: Refused },
): Promise<ModelFailure | null> {
  const { setup, name } = options.model;
  try {
    const resolved = resolveModel(name, setup, modelReach(ctx));
    const instructions = modelInstructions(assistant, ctx.now());
    const toolbox = fitting(options.toolbox, assistant.toolbox, resolved);
    const step = () => runModelStep(turn, { ...options, resolved, instructions, toolbox });
    return await (ctx.telemetry?.on?.span("model step", { model: resolved.name }, step) ?? step());
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    return explainModelFailure(error, { name, keyName: null, tools: 0 });
  }
}

/** Said once per conversation, and again only if the text is a different one. */
function tellModel(
  turn: Turn,
  before: Beginning["before"],
  { notice: message }: ModelDecision,
): void {
  if (message === null) return;
  const said = [...before, turn.message].flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "data-turn-notice" ? part.data.message : [])),
  );
  if (!said.includes(message)) {
    turn.write({ type: "data-turn-notice", id: "model", data: { message } });
  }
}

function withLinks(toolbox: Toolbox, messages: readonly ChatMessage[]): Toolbox {
  const links = linksByServer(messages);
  return links.size === 0 ? toolbox : withResourceReaders(toolbox, links);
}

/** A linked resource is no reason to offer a model more tools than it accepts. */
function fitting(extended: Toolbox, own: Toolbox, { name, builtIn }: ResolvedModel): Toolbox {
  if (builtIn || extended === own) return own;
  const most = mostToolsOf(name);
  return most !== null && extended.tools.length > most ? own : extended;
}

function writeStepLimit(turn: Turn): void {
  const id = "step-limit";
  const delta = `I stopped here after ${mostSteps} steps in a row. Write "go on" to continue.`;
  turn.write({ type: "start-step" });
  turn.write({ type: "text-start", id });
  turn.write({ type: "text-delta", id, delta });
  turn.write({ type: "text-end", id });
  turn.write({ type: "finish-step" });
}

function writeFailure(ctx: ChatContext, turn: Turn, { log, message, retryable }: ModelFailure) {
  ctx.log.warn({ ...log, conversationId: turn.conversationId }, "A turn could not continue.");
  turn.write({ type: "data-turn-error", data: { message, retryable } });
}

function writeEarlyEnd(turn: Turn): void {
  if (turn.end === "stopped") {
    const message = "You stopped this answer. What was written until then is kept.";
    turn.write({ type: "data-turn-error", data: { message, retryable: true, stopped: true } });
  }
  if (turn.end === "interrupted") {
    turn.write({ type: "data-turn-error", data: interruptedTurn });
  }
}

function unforeseen(error: unknown): ModelFailure {
  const name = error instanceof Error ? error.name : typeof error;
  const message = "Something failed inside Usher. What was written is kept. Retry.";
  return { message, retryable: true, log: { error: name } };
}
