import { isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { hasFailure } from "@/lib/chat/model/provider-words";
import { CallDeltas } from "./call-deltas";
import { brokenReason } from "./usual-chunks";
import type { UsualEvents } from "./usual-events";
import { failureOf } from "./usual-events";
import { plainText, writtenText } from "./written-text";

/**
 * The chunks of one Chat Completions answer, in the form that the AI SDK's package reads. The package drops a whole answer
 * if one field has another type than OpenAI's, and misses fields that other servers put elsewhere.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export class ChatChunks implements UsualEvents {
  readonly #calls = new CallDeltas();
  /** Of the only choice that is read. */
  #index: string | null = null;
  #wrote = false;
  /** More than thoughts, beside which some servers name a reason each time. */
  #spoke = false;
  #thought = false;
  #finished = false;
  #failed = false;

  get isOver(): boolean {
    return this.#finished && (this.#spoke || !this.#thought);
  }

  read(event: unknown): JsonObject[] {
    if (Array.isArray(event)) return event.flatMap((each) => this.read(each));
    if (!isJsonObject(event)) return [];
    const value = unwrapped(event);
    const { choices, error } = value;
    const listed = Array.isArray(choices) ? choices.filter(isJsonObject) : [];
    if (listed.length === 0) return hasFailure(value) ? this.#fail(value) : [];
    const choice = this.#mine(listed);
    const failure = error || choice?.error;
    return [
      ...(choice ? this.#choice(choice) : []),
      ...(failure ? this.#fail({ error: failure }) : []),
    ];
  }

  /** Some servers never say why an answer ended, only that it did. */
  done(): JsonObject[] {
    if (this.#finished || this.#failed) return [];
    return [this.#chunk({}, this.#calls.any ? "tool_calls" : "stop")];
  }

  /** An answer that was not streamed. */
  whole(answer: unknown): JsonObject[] | null {
    const [first] = Array.isArray(answer) ? answer : [answer];
    const value = isJsonObject(first) ? unwrapped(first) : {};
    const isEmpty = value.choices === null && !hasFailure(value);
    if (!isEmpty && !Array.isArray(value.choices)) return null;
    return [...this.read(value), ...this.done()];
  }

  #mine(choices: readonly JsonObject[]): JsonObject | undefined {
    const indexOf = ({ index }: JsonObject) => String(index ?? 0);
    this.#index ??= choices[0] ? indexOf(choices[0]) : null;
    return choices.find((each) => indexOf(each) === this.#index);
  }

  #choice(choice: JsonObject): JsonObject[] {
    const {
      content,
      refusal,
      tool_calls: calls,
      function_call: called,
      ...said
    } = this.#said(choice);
    const { text, reasoning } = writtenText(content);
    const thought = reasoningIn(said) + reasoning;
    const pieces = calls || (called ? { index: 0, function: called } : null);
    const delta = {
      ...(text === "" ? {} : { content: text }),
      ...(thought === "" ? {} : { reasoning_content: thought }),
      ...(typeof refusal === "string" && refusal !== "" ? { refusal } : {}),
      ...listOf(pieces ? this.#calls.read(pieces) : []),
    };
    if (Object.keys(delta).length > 0) this.#wrote = true;
    const speaks = text !== "" || pieces !== null || Boolean(refusal);
    if (speaks && !this.#spoke) this.#finished = false;
    this.#spoke ||= speaks;
    this.#thought ||= thought !== "";
    const given = reasonIn(choice.finish_reason);
    const reason = given === null ? null : (brokenReason(choice) ?? given);
    return Object.keys(delta).length > 0 || reason !== null ? [this.#chunk(delta, reason)] : [];
  }

  /** Some servers repeat the whole answer at the end. */
  #said({ delta, message, text }: JsonObject): JsonObject {
    if (isJsonObject(delta) && Object.keys(delta).length > 0) return delta;
    if (this.#wrote) return {};
    return isJsonObject(message) ? message : { content: text };
  }

  #chunk(delta: JsonObject, reason: string | null): JsonObject {
    const rest = reason === null ? [] : this.#calls.end();
    if (reason !== null) this.#finished = true;
    const { tool_calls: calls = [], ...written } = delta;
    const all = [...(calls as JsonObject[]), ...rest];
    const choice = { index: 0, delta: { ...written, ...listOf(all) }, finish_reason: reason };
    return { choices: [choice] };
  }

  #fail(value: JsonObject): JsonObject[] {
    this.#failed = true;
    return [{ error: failureOf(value) }];
  }
}

function listOf(calls: readonly JsonObject[]): JsonObject {
  return calls.length === 0 ? {} : { tool_calls: calls };
}

/** Some gateways wrap the answer in their own envelope. */
function unwrapped(value: JsonObject): JsonObject {
  if (Array.isArray(value.choices)) return value;
  const inner = [value.data, value.result, value.response, value.output].find(
    (each) => isJsonObject(each) && Array.isArray(each.choices),
  );
  return isJsonObject(inner) ? inner : value;
}

const reasoningNames = ["reasoning_content", "reasoning", "reasoning_text", "thinking"];

function reasoningIn(said: JsonObject): string {
  for (const name of reasoningNames) {
    const words = plainText(said[name]);
    if (words !== "") return words;
  }
  return plainText(said.reasoning_details);
}

function reasonIn(given: unknown): string | null {
  const reason = isJsonObject(given) ? (given.type ?? given.reason) : given;
  return typeof reason === "string" && reason.trim() !== "" && reason !== "null" ? reason : null;
}
