import type { AuthorizationRequiredPart, ToolCallOutput } from "@/lib/contracts/chat";
import { AuthorizationRequiredError, StepUpRequiredError, UsherError } from "@/lib/errors";
import { callOutcomeWords } from "./call-outcome-words";
import type { ChatContext, ChatUser } from "./context";
import { followSignal } from "./follow-signal";
import { toErrorText, toToolCallOutput } from "./tool-result";
import type { ToolboxTool } from "./toolbox";
import type { Turn } from "./turn";

export type StepUp = NonNullable<AuthorizationRequiredPart["stepUp"]>;

export type CallOutcome =
  | { kind: "output"; output: ToolCallOutput }
  | { kind: "error"; errorText: string }
  /** Nobody's token can be used: the call pauses. `stepUp`: for want of scopes. */
  | { kind: "consent"; reason: string; stepUp: StepUp | null }
  /** The turn ended under it, and nobody asked for that: a later turn decides. */
  | { kind: "left" };

/**
 * Hands one call to its server. Whose account it uses is stored before: that mark tells a later turn
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
    steppedUp: boolean;
    assistantId: string | null;
  },
): Promise<CallOutcome> {
  const { user, tool, toolCallId, input, steppedUp, assistantId } = call;
  if (!isArguments(input)) return { kind: "error", errorText: callOutcomeWords.badInput };
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
      actingAs: await ctx.describeAccount(tool.serverId, user),
    },
  });
  await turn.save();
  if (turn.signal.aborted) return cutShort(turn, callOutcomeWords.stopped);

  const { serverId, toolName } = tool;
  const { signal, letGo } = followSignal(turn.signal);
  try {
    const { conversationId } = turn;
    const where = { conversationId, assistantId };
    const request = { serverId, toolName, input, user, signal, steppedUp, ...where };
    const running = ctx.callTool(request);
    const result = await orAborted(running, signal);
    if (result.isError) return { kind: "error", errorText: toErrorText(result) };
    return { kind: "output", output: toToolCallOutput(result) };
  } catch (error) {
    return explain(ctx, turn, tool, error);
  } finally {
    letGo();
  }
}

function explain(ctx: ChatContext, turn: Turn, tool: ToolboxTool, error: unknown): CallOutcome {
  if (turn.signal.aborted) return cutShort(turn, callOutcomeWords.stoppedWhileRunning);
  if (error instanceof AuthorizationRequiredError) {
    const stepUp = error instanceof StepUpRequiredError ? addedScopes(error) : null;
    return { kind: "consent", reason: error.userMessage, stepUp };
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

/** A server that does not heed the signal keeps nobody waiting. */
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

function isArguments(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}
