import type { ChatAccount, ChatContext, ChatUser } from "@/lib/chat/context";
import {
  type AfterInput,
  afterInputRequired,
  askDuringCall,
  type Continuation,
} from "@/lib/chat/input/ask-person";
import { unsettledToolCalls } from "@/lib/chat/message-parts";
import { followSignal, type Turn } from "@/lib/chat/turn/turn";
import type { ToolCallOutput } from "@/lib/contracts/chat/chat";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat/prompt-parts";
import { firstAccount } from "@/lib/contracts/connections/account";
import {
  AccountChoiceRequiredError,
  AuthorizationRequiredError,
  InputRequiredError,
  StepUpRequiredError,
  UsherError,
} from "@/lib/errors";
import { callOutcomeWords, toErrorText, toToolCallOutput } from "./tool-result";
import type { ToolboxTool } from "./toolbox";

export type StepUp = NonNullable<AuthorizationRequiredPart["stepUp"]>;

export type CallOutcome =
  | { kind: "output"; output: ToolCallOutput }
  | { kind: "error"; errorText: string }
  /** No usable token: the call pauses. `stepUp`: because of missing scopes. */
  | { kind: "consent"; reason: string; stepUp: StepUp | null; account: string | null }
  /** The person has to choose an account: the call pauses. */
  | { kind: "account"; reason: string }
  /** Its server asked the person something: the call waits for the answers. */
  | { kind: "input" }
  /** The turn ended during it without being asked to: a later turn decides. */
  | { kind: "left" };

/**
 * Passes one call to its server. The account it uses is stored first: that mark tells a later turn
 * that this call may have run.
 * @throws TurnLostError before anything ran
 */
export async function runToolCall(
  ctx: ChatContext,
  turn: Turn,
  call: {
    user: ChatUser;
    tool: ToolboxTool;
    toolCallId: string;
    input: unknown;
    /** The account that the person chose for it; null: no choice. */
    account: string | null;
    steppedUp: boolean;
    assistantId: string | null;
    /** By which "Always allow" it runs; null: by none. */
    alwaysAllowedId: string | null;
    /** If its server asked for input before. */
    continuation: Continuation;
  },
): Promise<CallOutcome & { asked?: boolean }> {
  const { user, tool, toolCallId, input, steppedUp, assistantId, alwaysAllowedId } = call;
  if (!isArguments(input)) return { kind: "error", errorText: callOutcomeWords.badInput };
  if (tool.links && !tool.links.has(String(input.uri))) {
    return { kind: "error", errorText: callOutcomeWords.notLinked };
  }
  const using = await ctx.describeAccount(tool.serverId, user, call.account);
  if (using.choose !== null) return { kind: "account", reason: using.choose };
  const { actingAs, hasConnection, account } = using;
  turn.write({
    type: "data-tool-call-account",
    id: `account-${toolCallId}`,
    data: {
      toolCallId,
      serverId: tool.serverId,
      serverName: tool.serverName,
      toolName: tool.toolName,
      toolTitle: tool.title,
      readOnly: tool.readOnly,
      actingAs,
      hasConnection,
      ...(alwaysAllowedId === null ? {} : { alwaysAllowedId }),
    },
  });
  await turn.save();
  if (turn.signal.aborted) return cutShort(turn, callOutcomeWords.stopped);

  const asking = { ...call, account };
  const during = askDuringCall(ctx, turn, asking);
  const where = { conversationId: turn.conversationId, assistantId };
  const { serverId, toolName, inputSchema, links } = tool;
  const what = { toolName, input, inputSchema, readsResource: links !== undefined };
  const alwaysAllowed = alwaysAllowedId !== null;
  // The one just named to the person, whatever becomes their default in the meantime.
  const as = { user, account };
  const request = { serverId, ...what, ...as, steppedUp, alwaysAllowed, ...where };
  let next: AfterInput = { kind: "again", with: call.continuation };
  let asked = false;
  while (next.kind === "again") {
    const { signal, letGo } = followSignal(turn.signal);
    try {
      const { elicit } = during;
      const running = ctx.callTool({ ...request, ...next.with, elicit, signal });
      const result = await orAborted(running, signal);
      asked ||= during.asked;
      if (result.isError) return { kind: "error", errorText: toErrorText(result), asked };
      return { kind: "output", output: toToolCallOutput(result), asked };
    } catch (error) {
      asked ||= during.asked;
      const goesOn = error instanceof InputRequiredError && !turn.signal.aborted;
      if (!goesOn) return { ...explain(ctx, turn, { tool, using }, error), asked };
      next = await afterInputRequired(ctx, turn, asking, error);
      asked = true;
    } finally {
      letGo();
    }
  }
  return next.kind === "wait"
    ? { kind: "input" }
    : { kind: "error", errorText: next.errorText, asked };
}

function explain(
  ctx: ChatContext,
  turn: Turn,
  { tool, using }: { tool: ToolboxTool; using: ChatAccount },
  error: unknown,
): CallOutcome {
  if (turn.signal.aborted) return cutShort(turn, callOutcomeWords.stoppedWhileRunning);
  if (error instanceof AuthorizationRequiredError) {
    const stepUp = error instanceof StepUpRequiredError ? addedScopes(error) : null;
    const { account, actingAs } = using;
    const isOnly = account === null || account === firstAccount;
    const reason = isOnly ? error.userMessage : `${actingAs}: ${error.userMessage}`;
    return { kind: "consent", reason, stepUp, account };
  }
  if (error instanceof AccountChoiceRequiredError) {
    return { kind: "account", reason: error.userMessage };
  }
  if (error instanceof UsherError) return { kind: "error", errorText: error.userMessage };
  const name = error instanceof Error ? error.name : typeof error;
  ctx.log.error({ serverId: tool.serverId, error: name }, "A tool call failed unforeseen.");
  return { kind: "error", errorText: callOutcomeWords.failed };
}

function addedScopes({ added, scope }: StepUpRequiredError): StepUp {
  const tokens = (text: string) => text.split(" ").filter((token) => token !== "");
  return { added: tokens(added), scope: tokens(scope) };
}

export function cutShort(
  turn: Turn,
  words: string,
): Extract<CallOutcome, { kind: "error" | "left" }> {
  return turn.end === "stopped" ? { kind: "error", errorText: words } : { kind: "left" };
}

/** A server that ignores the signal keeps no one waiting. */
function orAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException("The turn ended.", "AbortError"));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    running
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort))
      .catch(() => undefined);
  });
}

export function isArguments(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

/** Calls in an answer that broke off do not run: the model may not have been done with them. */
export function leaveCalls(turn: Turn): void {
  for (const { toolCallId } of unsettledToolCalls(turn.message)) {
    const errorText = callOutcomeWords.modelBrokeOff;
    turn.write({ type: "tool-output-error", dynamic: true, toolCallId, errorText });
  }
}
