import { boundedJsonOrNull, fieldsOf, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { hasFailure } from "@/lib/chat/model/provider-words";
import { failureOf, type Piece, type UsualEvents } from "./usual-events";
import { plainText } from "./written-text";

type Block = { type: string; input: JsonObject; hasDeltas: boolean };

const started = { type: "message_start" };

/**
 * The events of one answer from Anthropic's Messages API, in the form that the AI SDK's package reads. Gateways and other
 * vendors use it too, but omit usage, add their own blocks and deltas, or send a whole tool call at its start.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export class MessagesEvents implements UsualEvents {
  readonly #blocks = new Map<string, Block>();
  #isOpen = false;
  /** Of the newest block: some servers number none. */
  #newest = -1;
  #reason: string | null = null;
  #calls = false;

  get isOver(): boolean {
    return this.#reason !== null;
  }

  read(event: unknown): JsonObject[] {
    if (!isJsonObject(event)) return [];
    const { type } = event;
    if (type === "error" || (typeof type !== "string" && hasFailure(event))) {
      return [{ type: "error", error: { type: "error", ...failureOf(event) } }];
    }
    switch (type) {
      case "message":
        return this.whole(event) ?? [];
      case "message_start":
        return this.#start(fieldsOf(event.message));
      case "content_block_start":
        return [...this.#start({}), ...this.#blockStart(event)];
      case "content_block_delta":
        return [...this.#start({}), ...this.#delta(event)];
      case "content_block_stop":
        return this.#blockStop(String(event.index ?? this.#newest), { isEnd: false });
      case "message_delta":
        return this.#end(event);
      case "message_stop":
        return this.done();
      default:
        return [];
    }
  }

  /** Some gateways never say why an answer ended, only that it did. */
  done(): JsonObject[] {
    if (!this.#isOpen) return [];
    const reason = this.#calls ? "tool_use" : "end_turn";
    const end = this.#reason === null ? this.#end({ delta: { stop_reason: reason } }) : [];
    this.#isOpen = false;
    return [...end, { type: "message_stop" }];
  }

  whole(answer: unknown): JsonObject[] | null {
    if (!isJsonObject(answer)) return null;
    const { type, stop_reason, usage } = answer;
    const content = type === "message" ? (answer.content ?? []) : answer.content;
    if (!Array.isArray(content)) return null;
    const blocks = content.flatMap((content_block, index) => [
      { type: "content_block_start", index, content_block },
      { type: "content_block_stop", index },
    ]);
    const delta = { stop_reason };
    const all = [{ ...started, message: answer }, ...blocks];
    const events = [...all, { type: "message_delta", delta, usage }, { type: "message_stop" }];
    return events.flatMap((event) => this.read(event));
  }

  #start({ id, model, usage }: JsonObject): JsonObject[] {
    if (this.#isOpen) return [];
    this.#isOpen = true;
    const message = {
      id: typeof id === "string" ? id : null,
      model: typeof model === "string" ? model : null,
      content: [],
      usage: { input_tokens: 0, ...numbersIn(usage) },
    };
    return [{ ...started, message }];
  }

  #blockStart({ index: at, content_block: given }: JsonObject): JsonObject[] {
    const block = fieldsOf(given);
    const index = Number(at ?? this.#newest + 1);
    this.#newest = index;
    switch (block.type) {
      case "text":
      case "thinking": {
        const { type, signature } = block;
        const given = [
          { type: `${type}_delta`, [type]: block[type] },
          { type: "signature_delta", signature },
        ];
        const begun = this.#open(index, { type, [type]: "" });
        return [begun, ...given.flatMap((delta) => this.#delta({ index, delta }))];
      }
      case "redacted_thinking":
        return [this.#open(index, { type: block.type, data: String(block.data ?? "") })];
      case "tool_use": {
        const { id, name, input } = block;
        this.#calls = true;
        const usual = {
          type: block.type,
          id: String(id ?? ""),
          name: String(name ?? ""),
          input: {},
        };
        return [
          this.#open(
            index,
            usual,
            fieldsOf(typeof input === "string" ? boundedJsonOrNull(input) : input),
          ),
        ];
      }
      default:
        // Usher requests no other kinds: the server ran its own tool, or added notes.
        return [];
    }
  }

  #open(index: number, content_block: JsonObject, input: JsonObject = {}): JsonObject {
    const { type } = content_block;
    this.#blocks.set(String(index), { type: String(type), input, hasDeltas: false });
    return { type: "content_block_start", index, content_block };
  }

  #delta({ index: at, delta: told }: JsonObject): JsonObject[] {
    const delta = usualDelta(fieldsOf(told));
    if (delta === null) return [];
    const given = Number(at ?? Math.max(this.#newest, 0));
    const isMisplaced = delta.type === "input_json_delta" && !this.#blocks.has(String(given));
    const calls = [...this.#blocks].filter(([, block]) => block.type === "tool_use");
    // A call would run without arguments that came with an unknown index.
    const index = isMisplaced ? Number(calls.at(-1)?.[0] ?? given) : given;
    const type = delta.type === "thinking_delta" ? "thinking" : "text";
    const begin =
      this.#blocks.has(String(index)) || delta.type === "input_json_delta"
        ? []
        : [this.#open(index, { type, [type]: "" })];
    const block = this.#blocks.get(String(index));
    if (!block) return [];
    block.hasDeltas ||= delta.partial_json !== "";
    return [...begin, { type: "content_block_delta", index, delta }];
  }

  #blockStop(index: string, { isEnd }: { isEnd: boolean }): JsonObject[] {
    const block = this.#blocks.get(index);
    if (!block) return [];
    const isEmpty = !block.hasDeltas && Object.keys(block.input).length === 0;
    // A call's arguments may still come.
    if (block.type === "tool_use" && isEmpty && !isEnd) return [];
    this.#blocks.delete(index);
    const stop = { type: "content_block_stop", index: Number(index) };
    if (block.hasDeltas || isEmpty) return [stop];
    const delta = { type: "input_json_delta", partial_json: JSON.stringify(block.input) };
    return [{ type: "content_block_delta", index: Number(index), delta }, stop];
  }

  #end({ delta: given, usage }: JsonObject): JsonObject[] {
    const { stop_reason: reason } = fieldsOf(given);
    if (typeof reason !== "string" || reason === "") return [];
    this.#reason = reason;
    const counts = { output_tokens: 0, ...numbersIn(usage) };
    const left = [...this.#blocks.keys()].flatMap((index) =>
      this.#blockStop(index, { isEnd: true }),
    );
    return [...left, { type: "message_delta", delta: { stop_reason: reason }, usage: counts }];
  }
}

/** Null: nothing in it is used here, such as a citation. */
function usualDelta(given: JsonObject): JsonObject | null {
  const { type } = given;
  switch (type) {
    case "text_delta":
      return filled({ type, text: plainText(given.text) });
    case "thinking_delta":
      return filled({ type, thinking: plainText(given.thinking) });
    case "signature_delta":
      return filled({ type, signature: plainText(given.signature) });
    case "input_json_delta": {
      const json = given.partial_json;
      return { type, partial_json: isJsonObject(json) ? JSON.stringify(json) : plainText(json) };
    }
    default:
      return null;
  }
}

function filled(delta: JsonObject): JsonObject | null {
  return Object.values(delta).includes("") ? null : delta;
}

/** Only the counts. */
function numbersIn(usage: unknown): JsonObject {
  const counts = isJsonObject(usage) ? Object.entries(usage) : [];
  return Object.fromEntries(counts.filter(([, value]) => Number.isFinite(value)));
}

const blockTexts: ReadonlyMap<unknown, string> = new Map([
  ["text_delta", "text"],
  ["thinking_delta", "thinking"],
  ["input_json_delta", "partial_json"],
]);

/** @param given an event, in the form that the package reads */
export function pieceOfBlock(given: object): Piece | null {
  const event = fieldsOf(given);
  const delta = fieldsOf(event.delta);
  const name = blockTexts.get(delta.type) ?? "";
  const text = delta[name];
  if (typeof text !== "string") return null;
  const key = `${event.index} ${delta.type}`;
  return { key, text, event: (given) => ({ ...event, delta: { ...delta, [name]: given } }) };
}
