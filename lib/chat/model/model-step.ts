import { randomUUID } from "node:crypto";
import {
  InvalidToolInputError,
  jsonSchema,
  NoSuchToolError,
  type SystemModelMessage,
  streamText,
  type Tool,
} from "ai";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import { closeBrokenStep, lastStep, unsettledToolCalls } from "@/lib/chat/message-parts";
import { describeTool } from "@/lib/chat/tool-calls/tool-description";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { Toolbox } from "@/lib/chat/tool-calls/toolbox";
import { followSignal, type Turn } from "@/lib/chat/turn/turn";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import type { ResolvedModel } from "./model";
import { explainModelFailure, type ModelFailure } from "./model-failure";
import { modelHistory } from "./model-input";
import { withNamedInput, withShallowToolCalls } from "./tool-call-input";

export type ModelStepOptions = {
  resolved: ResolvedModel;
  instructions: string;
  toolbox: Toolbox;
  /** The conversation before the message that is being written. */
  before: readonly ChatMessage[];
};

/**
 * Lets the model write on, once, streamed through as it comes. The tools have no way to run in here:
 * their calls stand open in the message afterwards.
 * @returns what failed; null where the model came to an end, or the turn did
 */
export async function runModelStep(
  turn: Turn,
  options: ModelStepOptions,
): Promise<ModelFailure | null> {
  const { resolved, toolbox } = options;
  const rename = toolCallRenamer([...options.before, turn.message]);
  const partsBefore = turn.message.parts.length;
  const { signal, letGo } = followSignal(turn.signal);
  let thrown: unknown = null;
  let finishReason = "";
  try {
    const result = streamText({
      model: withShallowToolCalls(resolved.model),
      system: cachedByAnthropic(options.instructions),
      messages: await modelHistory([...options.before, turn.message]),
      tools: modelTools(toolbox),
      abortSignal: signal,
      maxRetries: turn.timing.modelRetries,
      timeout: { chunkMs: turn.timing.modelSilenceMs },
      // OpenAI would keep the conversation, and want it back by reference for as long as it does.
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
      if (chunk.type === "finish") finishReason = chunk.finishReason ?? "";
      if (chunk.type === "abort")
        thrown ??= new DOMException("The model was silent.", "TimeoutError");
      if (handledHere.has(chunk.type)) continue;
      turn.write(rename(withNamedInput(chunk, (name) => toolbox.byName(name) !== null)));
    }
  } catch (error) {
    thrown ??= error;
  } finally {
    letGo();
  }
  if (turn.signal.aborted) {
    closeBrokenStep(turn.message);
    return null;
  }
  if (thrown !== null) {
    closeBrokenStep(turn.message);
    leaveCalls(turn);
    const { name, keyVariable } = resolved;
    return explainModelFailure(thrown, { name, keyVariable, tools: toolbox.tools.length });
  }
  return shortcoming(finishReason, turn.message.parts.length === partsBefore, turn.message);
}

/** A model that came to an end, but to none that a person can use as it is. */
function shortcoming(
  finishReason: string,
  silent: boolean,
  message: ChatMessage,
): ModelFailure | null {
  const log = { finishReason };
  if (finishReason === "length") {
    return {
      message: "The answer reached the model's length limit and was cut. Ask it to continue.",
      retryable: true,
      log,
    };
  }
  if (finishReason === "content-filter") {
    return {
      message: "The model's provider filtered this answer. Put your message in other words.",
      retryable: true,
      log,
    };
  }
  const said = lastStep(message).some((part) => part.type !== "reasoning");
  return silent || !said
    ? { message: "The model sent an empty answer. Retry.", retryable: true, log }
    : null;
}

function modelTools(toolbox: Toolbox): Record<string, Tool> {
  // Without a prototype: a model may ask for a tool called `constructor`, which there is not.
  const tools: Record<string, Tool> = Object.create(null);
  return Object.assign(
    tools,
    Object.fromEntries(
      toolbox.tools.map((tool): [string, Tool] => [
        tool.name,
        {
          type: "dynamic",
          title: tool.title,
          description: describeTool(tool),
          inputSchema: jsonSchema(objectSchema(tool.inputSchema)),
        },
      ]),
    ),
  );
}

/** Providers want an object with properties, and stumble over the dialect's own keywords. */
function objectSchema(schema: Record<string, unknown>): Record<string, unknown> {
  const { $schema: _, $id: __, ...rest } = schema;
  return { ...rest, type: "object", properties: rest.properties ?? {} };
}

function cachedByAnthropic(content: string): SystemModelMessage {
  return {
    role: "system",
    content,
    providerOptions: { anthropic: { cacheControl: { type: "ephemeral" } } },
  };
}

/** Failures are told by a part of our own; a call that was refused as it came is told once. */
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

/** Calls of an answer that broke off do not run: the model may not have been done with them. */
function leaveCalls(turn: Turn): void {
  for (const { toolCallId } of unsettledToolCalls(turn.message)) {
    const errorText = callOutcomeWords.modelBrokeOff;
    turn.write({ type: "tool-output-error", dynamic: true, toolCallId, errorText });
  }
}

/**
 * Some servers count their tool calls anew in each answer; in a conversation an id names one call.
 */
function toolCallRenamer(messages: readonly ChatMessage[]): (chunk: ChatChunk) => ChatChunk {
  const used = new Set(
    messages.flatMap((message) =>
      message.parts.flatMap((part) => (part.type === "dynamic-tool" ? [part.toolCallId] : [])),
    ),
  );
  const names = new Map<string, string>();
  return (chunk) => {
    if (!("toolCallId" in chunk)) return chunk;
    const { toolCallId } = chunk;
    let name = names.get(toolCallId);
    if (name === undefined) {
      const usable = !used.has(toolCallId) && /^[a-zA-Z0-9_-]{1,64}$/.test(toolCallId);
      name = usable ? toolCallId : `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
      names.set(toolCallId, name);
    }
    // Also a tool that the model made up: the browser knows none by its name.
    const known = chunk.type === "tool-input-delta" ? {} : { dynamic: true };
    return { ...chunk, ...known, toolCallId: name };
  };
}
