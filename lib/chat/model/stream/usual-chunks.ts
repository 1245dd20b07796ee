import { fieldsOf, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import type { Piece } from "./usual-events";

/** Absent, or of OpenAI's type. */
const is = (value: unknown, type: "string" | "number") =>
  value === undefined || value === null || typeof value === type;

/** Recognizes Chat Completions chunks whose fields all have OpenAI's types, so that nothing in them can be misread. */
export class UsualChunks {
  isFinished = false;
  /** Chunks that a later reader must know about. */
  readonly kept: unknown[] = [];
  #calls = 0;
  #wrote = false;
  /** More than thoughts, beside which some servers name a reason each time. */
  #spoke = false;
  #thought = false;

  get isOver(): boolean {
    return this.isFinished && (this.#spoke || !this.#thought);
  }

  takes(chunk: unknown): boolean {
    const { id, created, model, choices, error, usage } = fieldsOf(chunk);
    const isPlain = is(id, "string") && is(created, "number") && is(model, "string");
    // The package takes a chunk with the field for a failure, also if it is null.
    if (error !== undefined || !isPlain || !Array.isArray(choices)) return false;
    if (!isUsualUsage(usage)) return false;
    const [first, ...others] = choices.map(fieldsOf);
    if (first === undefined) return typeof usage === "object" && usage !== null;
    return others.length === 0 && this.#takesChoice(first, chunk);
  }

  #takesChoice(choice: JsonObject, chunk: unknown): boolean {
    const { index, delta, finish_reason: reason, message, text, error } = choice;
    const { role, content, refusal, tool_calls: calls, function_call: called } = fieldsOf(delta);
    const thought = fieldsOf(delta).reasoning_content ?? fieldsOf(delta).reasoning;
    const isPlain = is(content, "string") && is(refusal, "string") && is(reason, "string");
    const isOther = index !== 0 || message || text || error || called || brokenReason(choice);
    if (reason === "" || reason === "null" || !isJsonObject(delta ?? {})) return false;
    const isAssistant = !role || role === "assistant";
    if (!isPlain || isOther || !isAssistant || !hasUsualReasoning(fieldsOf(delta))) return false;
    const pieces = calls ?? [];
    if (!Array.isArray(pieces)) return false;
    if (!pieces.every((piece) => this.#takesPiece(fieldsOf(piece)))) return false;
    if (pieces.length > 0 || reason || (content && !this.#wrote)) this.kept.push(chunk);
    this.#wrote ||= Boolean(content);
    const speaks = Boolean(content || refusal) || pieces.length > 0;
    if (reason) this.isFinished = true;
    else if (speaks && !this.#spoke) this.isFinished = false;
    this.#spoke ||= speaks;
    this.#thought ||= Boolean(thought);
    return true;
  }

  /** Only the first piece of a call has its id and name. No other call begins before its last one. */
  #takesPiece(piece: JsonObject): boolean {
    const { index, id, function: given } = piece;
    const { name, arguments: args } = fieldsOf(given);
    const isSigned = piece.extra_content || piece.provider_specific_fields;
    const isPlain = Number.isInteger(index) && is(args, "string") && !isSigned;
    if (!isPlain || typeof given !== "object" || given === null) return false;
    if (index === this.#calls - 1) return !id && !name;
    if (index !== this.#calls || !isFilled(id) || !isFilled(name)) return false;
    this.#calls += 1;
    return true;
  }
}

/** A gateway may call an answer complete that the server behind it broke off. */
export function brokenReason({ native_finish_reason: native }: JsonObject): string | null {
  return typeof native === "string" && /error|fail|abort|malformed/i.test(native) ? native : null;
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

/** Counts, or details made of counts. */
function isUsualUsage(usage: unknown): boolean {
  const isCounts = (value: unknown) =>
    isJsonObject(value) && Object.values(value).every((count) => is(count, "number"));
  const counts = Object.values(fieldsOf(usage ?? {}));
  return isJsonObject(usage ?? {}) && counts.every((each) => is(each, "number") || isCounts(each));
}

function hasUsualReasoning({
  reasoning_content: content,
  reasoning,
  ...delta
}: JsonObject): boolean {
  const { reasoning_text: text, thinking, reasoning_details: details } = delta;
  const isTold = Boolean(content ?? reasoning) || !details;
  return is(content, "string") && is(reasoning, "string") && !text && !thinking && isTold;
}

const texts: ReadonlySet<string> = new Set(["content", "reasoning_content", "reasoning"]);

/** @param given a chunk, in the form that the package reads */
export function pieceOfChunk(given: object): Piece | null {
  const chunk = fieldsOf(given);
  const [first, ...others] = Array.isArray(chunk.choices) ? chunk.choices : [];
  const choice = fieldsOf(first);
  const { delta, finish_reason: reason, logprobs } = choice;
  if (others.length > 0 || chunk.usage || reason || logprobs) return null;
  const filled = Object.entries(fieldsOf(delta)).filter(
    ([name, value]) => value && name !== "role",
  );
  const [[name, value] = ["", null], ...more] = filled;
  if (more.length > 0) return null;
  const withField = (value: unknown) => ({
    ...chunk,
    choices: [{ ...choice, delta: { ...fieldsOf(delta), [name]: value } }],
  });
  if (typeof value === "string" && texts.has(name)) {
    return { key: name, text: value, event: withField };
  }
  if (name !== "tool_calls" || !Array.isArray(value) || value.length !== 1) return null;
  const call = fieldsOf(value[0]);
  const { arguments: text, name: begun } = fieldsOf(call.function);
  if (call.id || begun || typeof text !== "string") return null;
  const event = (text: string) =>
    withField([{ ...call, function: { ...fieldsOf(call.function), arguments: text } }]);
  return { key: `call ${call.index}`, text, event };
}
