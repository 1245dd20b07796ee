import {
  InvalidToolInputError,
  type ModelMessage,
  NoSuchToolError,
  type SystemModelMessage,
  streamText,
} from "ai";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import { closeBrokenStep } from "@/lib/chat/message-parts";
import { leaveCalls } from "@/lib/chat/tool-calls/run-tool-call";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { Toolbox } from "@/lib/chat/tool-calls/toolbox";
import { followSignal, type Turn } from "@/lib/chat/turn/turn";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { wellFormedText } from "@/lib/untrusted-text";
import type { ResolvedModel } from "./model";
import { readableCalls, shortcoming, toolCallRenamer, withNamedInput } from "./model-answer";
import { explainModelFailure, type ModelFailure } from "./model-failure";
import { type HistoryLimits, historyBudgets, modelHistory } from "./model-input";
import { changeAfterRefusal, formerTools, type HistoryChange } from "./refused-history";
import {
  descriptionLimit,
  namesInRefusal,
  type OfferedTools,
  offerTools,
  type RefusedOfTools,
} from "./tools/offered-tools";

export type ModelStepOptions = {
  resolved: ResolvedModel;
  instructions: string;
  toolbox: Toolbox;
  /** The conversation before the message being written. */
  before: readonly ChatMessage[];
  refused: Refused;
};

/** What the model's API has refused in this turn; new refusals are added. */
export type Refused = RefusedOfTools & { history: Set<HistoryChange> };

/**
 * Lets the model continue, once, streamed through as it arrives. The tools cannot run in here:
 * their calls are left open in the message.
 * @returns what failed; null if the model finished, or the turn ended
 */
export async function runModelStep(
  turn: Turn,
  options: ModelStepOptions,
): Promise<ModelFailure | null> {
  let budget: number = historyBudgets.usual;
  let isAgain = false;
  for (;;) {
    const { refused } = options;
    const limits = { budget, changes: refused.history };
    const { thrown, wrote, sent, history, failure } = await ask(turn, options, limits);
    // Nothing was written yet: a refused request is not an answer.
    if (thrown === null || wrote || turn.signal.aborted) return failure;
    const change = changeAfterRefusal(thrown, history);
    const most = descriptionLimit(thrown);
    const news = namesInRefusal(thrown, sent).filter((name) => !refused.tools.has(name));
    if (most !== null && most < (refused.mostDescription ?? Number.POSITIVE_INFINITY)) {
      refused.mostDescription = most;
      const message = `The model takes at most ${most} characters of a tool's description, so longer ones were cut.`;
      tell(turn, "descriptions-cut", message);
    } else if (change && !refused.history.has(change)) {
      refused.history.add(change);
      if (change === "without-images") tell(turn, change, imagesRefused);
    } else if (news.length > 0) {
      for (const name of news) refused.tools.add(name);
      tellRefused(turn, options, news);
    } else if (failure?.unreadableCall && !isAgain) {
      isAgain = true;
    } else if (failure?.tooLong && !options.resolved.builtIn) {
      const shorter = shorterBudget(budget, history);
      if (shorter === null) return failure;
      budget = shorter;
      tell(
        turn,
        "shortened",
        "This conversation is too long for the model, so it was given a shortened history.",
      );
    } else return failure;
  }
}

/** The next reduction that still leaves something out; null: nothing is left to try. */
function shorterBudget(budget: number, sent: readonly ModelMessage[]): number | null {
  const length = sizeOf(sent);
  for (let next = budget; next > historyBudgets.least; ) {
    next /= historyBudgets.step;
    if (length > next) return next;
  }
  return null;
}

const imagesRefused =
  "The model refuses an image in this conversation, so it was told the images' types and sizes instead.";

function tell(turn: Turn, id: string, message: string): void {
  turn.write({ type: "data-turn-notice", id, data: { message } });
}

/** The person is told which tools this answer lacks. */
function tellRefused(
  turn: Turn,
  { toolbox, resolved }: ModelStepOptions,
  names: readonly string[],
) {
  const tools = names.flatMap((name) => toolbox.byName(name) ?? []);
  const words = tools.map((tool) => `${tool.toolName} (${tool.serverName})`).join(", ");
  const message = `The model (${resolved.name}) refuses the description of ${tools.length === 1 ? "a tool" : "some tools"}, so this answer does without: ${words}.`;
  tell(turn, `refused-${names.join("-")}`, message);
}

type Asked = {
  failure: ModelFailure | null;
  thrown: unknown;
  /** Part of an answer arrived. */
  wrote: boolean;
  /** Names of the sent tools, in order. */
  sent: readonly string[];
  history: readonly ModelMessage[];
};

async function ask(turn: Turn, options: ModelStepOptions, limits: HistoryLimits): Promise<Asked> {
  const { resolved, toolbox } = options;
  const offered = offerTools(toolbox, resolved, options.refused);
  const sent = Object.keys(offered.tools);
  if (offered.leftOut.length > 0) {
    const words = offered.leftOut.map(({ tool, reason }) => `${tool.toolName} (${reason})`);
    tell(turn, "left-out", `The model cannot be offered these tools: ${words.join(", ")}`);
  }
  let history: ModelMessage[] = [];
  const rename = toolCallRenamer([...options.before, turn.message]);
  const partsBefore = turn.message.parts.length;
  const { signal, letGo } = followSignal(turn.signal);
  let thrown: unknown = null;
  const finish = { reason: "", raw: "" };
  try {
    history = await modelHistory([...options.before, turn.message], resolved, limits);
    const result = streamText({
      model: readableCalls(resolved.model, sent),
      system: cachedByAnthropic(wellFormedText(options.instructions)),
      messages: history,
      tools:
        sent.length === 0 && limits.changes.has("with-tools")
          ? formerTools(history)
          : offered.tools,
      abortSignal: signal,
      maxRetries: turn.timing.modelRetries,
      timeout: { chunkMs: turn.timing.modelSilenceMs },
      // Otherwise OpenAI would keep the conversation, and expect references to it as long as it does.
      providerOptions: { openai: { store: false } },
      onError: ({ error }) => {
        thrown = error;
      },
    });
    const chunks = result.toUIMessageStream<ChatMessage>({
      sendStart: false,
      sendSources: true,
      onError: invalidCallWords,
    });
    for await (const chunk of chunks) {
      if (chunk.type === "finish") finish.reason = chunk.finishReason ?? "";
      if (chunk.type === "abort")
        thrown ??= new DOMException("The model was silent.", "TimeoutError");
      if (handledHere.has(chunk.type)) continue;
      const named = withNamedInput(chunk, (name) => toolbox.byName(name) !== null);
      turn.write(rename(withServersNames(named, offered)));
    }
    finish.raw = (await result.rawFinishReason) ?? "";
  } catch (error) {
    thrown ??= error;
  } finally {
    letGo();
  }
  const wrote = turn.message.parts.slice(partsBefore).some((part) => part.type !== "step-start");
  const asked = { thrown, wrote, sent, history };
  if (turn.signal.aborted) {
    closeBrokenStep(turn.message);
    return { ...asked, failure: null };
  }
  if (thrown === null) {
    const silent = turn.message.parts.length === partsBefore;
    const failure = shortcoming(turn, { ...finish, silent, sent });
    return { ...asked, failure };
  }
  closeBrokenStep(turn.message);
  leaveCalls(turn);
  const { name, keyName } = resolved;
  const mostlyTools = sizeOf(offered.tools) > Math.max(sizeOf(history), manyTools);
  const shortened = limits.budget < historyBudgets.usual;
  const about = { name, keyName, tools: sent.length, mostlyTools, wrote, shortened };
  return { ...asked, failure: explainModelFailure(thrown, about) };
}

/** From this many characters on, the error mentions the tools. */
const manyTools = 8_000;

function sizeOf(sent: unknown): number {
  return JSON.stringify(sent).length;
}

function withServersNames(chunk: ChatChunk, offered: OfferedTools): ChatChunk {
  if (chunk.type !== "tool-input-available") return chunk;
  return { ...chunk, input: offered.restore(chunk.toolName, chunk.input) };
}

function cachedByAnthropic(content: string): SystemModelMessage {
  return {
    role: "system",
    content,
    providerOptions: { anthropic: { cacheControl: { type: "ephemeral" } } },
  };
}

/** Failures get our own part; a call that was rejected on arrival is reported once. */
const handledHere: ReadonlySet<string> = new Set<ChatChunk["type"]>([
  "finish",
  "error",
  "abort",
  "tool-output-error",
]);

function invalidCallWords(error: unknown): string {
  if (NoSuchToolError.isInstance(error)) return callOutcomeWords.notAllowed;
  if (InvalidToolInputError.isInstance(error)) return callOutcomeWords.badInput;
  return callOutcomeWords.unfinished;
}
