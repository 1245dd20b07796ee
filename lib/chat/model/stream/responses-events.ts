import { fieldsOf, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { hasFailure } from "@/lib/chat/model/provider-words";
import { failureOf, type Piece, type UsualEvents } from "./usual-events";
import { plainText } from "./written-text";

/** What is known of an item of the answer. */
type Item = {
  /** As it was passed on. */
  item: JsonObject;
  output_index: number;
  /** The arguments of a call, in pieces or as its server repeated them. */
  args: string;
  isDone: boolean;
};

/**
 * The events of one answer from OpenAI's Responses API, in the form that the AI SDK's package reads. Other vendors and
 * gateways omit fields that don't affect the answer, the event that begins or ends an item, or send an item only as a whole.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesEvents implements UsualEvents {
  readonly #items = new Map<string, Item>();
  /** All text so far: a server may repeat it under another id. */
  #said = "";
  /** The end of a message, held until something else follows: more of its text may come. */
  #held: JsonObject | null = null;

  isOver = false;

  read(event: unknown): JsonObject[] {
    if (!isJsonObject(event)) return [];
    const { type } = event;
    const response = fieldsOf(event.response);
    if (event.object === "response") return this.whole(event) ?? [];
    if (typeof type !== "string") return hasFailure(event) ? [failed(event)] : [];
    switch (type) {
      case "error":
        return [failed(event.error ? event : { error: { ...event, type: "error" } })];
      case "response.failed":
        return [failed(response.error ? response : { error: "The response failed." })];
      case "response.created":
        return [{ type, response: { id: "", created_at: 0, model: "", ...ofTypes(response) } }];
      case "response.completed":
      case "response.incomplete":
        return this.#end(type, response);
      case "response.done":
        return this.#end(endOf(response), response);
      case "response.output_item.added":
      case "response.output_item.done":
        return isJsonObject(event.item) ? this.#item(event, event.item) : [];
      case "response.output_text.delta":
      case "response.refusal.delta":
        return this.#text(event, event.delta);
      case "response.output_text.done":
      case "response.refusal.done":
        return this.#missing(event.item_id, event.text ?? event.refusal);
      case "response.function_call_arguments.delta":
        return this.#arguments(event, (args) => args + plainText(event.delta));
      case "response.function_call_arguments.done":
        this.#arguments(event, (args) => writtenArguments(event.arguments) || args);
        return [];
      case "response.output_text.annotation.added":
        // A person cannot open any other kind of source.
        return fieldsOf(event.annotation).type === "url_citation" ? [event] : [];
      default:
        return [event];
    }
  }

  done(): JsonObject[] {
    return this.isOver || this.#items.size === 0 ? [] : this.#end("response.completed", {});
  }

  whole(answer: unknown): JsonObject[] | null {
    if (!isJsonObject(answer)) return null;
    if (!Array.isArray(answer.output) && answer.object !== "response") return null;
    const created = { type: "response.created", response: answer };
    const type = answer.error ? "response.failed" : endOf(answer);
    return [created, { type, response: answer }].flatMap((event) => this.read(event));
  }

  #end(type: string, response: JsonObject): JsonObject[] {
    this.isOver = true;
    const output = Array.isArray(response.output) ? response.output.filter(isJsonObject) : [];
    const seen = new Set([...this.#items.values()].map(({ item }) => item.type));
    const rest = output.flatMap((item, output_index) => {
      const isNews = item.type === "message" ? this.#isMissing(item.content) : !seen.has(item.type);
      const id = item.id ?? `item_${output_index}`;
      return isNews ? this.#item({ type: ending, output_index }, { ...item, id }) : [];
    });
    const open = type === "response.completed" ? this.#all("function_call") : [];
    const left = open.flatMap(({ item, output_index, args, isDone }) => {
      const isRepeated = this.#all("function_call").some(
        (each) => each.isDone && isSameCall(each, { item, args }),
      );
      if (isDone || isRepeated || !item.name) return [];
      return this.#item({ type: ending, output_index }, { ...item, arguments: args });
    });
    return [...rest, ...left, ...this.#release(), { type, response: ended(response) }];
  }

  #all(type: "function_call" | "message"): Item[] {
    return [...this.#items.values()].filter(({ item }) => item.type === type);
  }

  /** Some gateways write another id in each event. */
  #messageOf(id: unknown): string {
    const open = this.#all("message").filter(({ isDone }) => !isDone);
    return String(this.#items.has(String(id)) ? id : (open.at(-1)?.item.id ?? id));
  }

  #item(event: JsonObject, item: JsonObject): JsonObject[] {
    const { type, output_index: index } = event;
    const given = String(item.id ?? item.call_id ?? "");
    const output_index = Number(index ?? 0);
    const isDone = type === ending;
    const id = isDone && item.type === "message" ? this.#messageOf(given) : given;
    const before = this.#items.get(id);
    const known: Item = before ?? { item, output_index, args: "", isDone: false };
    const isRead = ["message", "reasoning", "function_call"].includes(String(item.type));
    // Usher requests no other kinds: this is a tool that the server ran on its own.
    if (!isRead) return [];
    const call =
      item.type === "function_call"
        ? {
            call_id: String(item.call_id || id),
            arguments: writtenArguments(item.arguments) || known.args,
          }
        : {};
    const whole = {
      ...item,
      id,
      ...call,
      ...(isDone && item.type === "function_call" ? completed : {}),
    };
    this.#items.set(id, { ...known, item: { ...known.item, ...whole }, output_index, isDone });
    const begin =
      isDone && !before
        ? [{ ...event, type: beginning, output_index, item: { ...whole, arguments: "" } }]
        : [];
    const released = fieldsOf(this.#held?.item).id === id ? [] : this.#release();
    const text =
      isDone && item.type === "message" ? this.#missing(id, plainText(item.content)) : [];
    const own = { ...event, output_index, item: whole };
    if (!isDone || item.type !== "message") return [...released, ...begin, own];
    this.#held = own;
    return [...released, ...begin, ...text];
  }

  #text(event: JsonObject, delta: unknown): JsonObject[] {
    const item_id = this.#messageOf(event.item_id);
    const begun = this.#items.has(item_id)
      ? []
      : this.#item({ type: beginning, output_index: 0 }, { type: "message", id: item_id });
    this.#said += plainText(delta);
    return [...begun, { ...event, item_id }];
  }

  /** Text that came only as a whole. */
  #missing(item_id: unknown, given: unknown): JsonObject[] {
    if (!this.#isMissing(given)) return [];
    const delta = plainText(given);
    return this.#text({ type: "response.output_text.delta", item_id, delta }, delta);
  }

  #isMissing(given: unknown): boolean {
    const text = plainText(given);
    return text !== "" && !this.#said.includes(text);
  }

  #arguments(event: JsonObject, change: (args: string) => string): JsonObject[] {
    const open = this.#all("function_call").filter(({ isDone }) => !isDone);
    // Under another id, too. Without its arguments a call would run all the same.
    const known =
      this.#items.get(String(event.item_id)) ??
      open.findLast((call) => call.output_index === event.output_index) ??
      open.at(-1);
    if (known) known.args = change(known.args);
    return [event];
  }

  #release(): JsonObject[] {
    const held = this.#held;
    this.#held = null;
    return held ? [held] : [];
  }
}

const completed = { status: "completed" };

function endOf({ status }: JsonObject): string {
  return status === "incomplete" ? "response.incomplete" : "response.completed";
}

function isSameCall(known: Item, { item, args }: Pick<Item, "item" | "args">): boolean {
  const isSame = known.item.name === item.name && known.item.arguments === args;
  return isSame || known.item.call_id === item.call_id;
}

function writtenArguments(args: unknown): string {
  return isJsonObject(args) ? JSON.stringify(args) : String(args ?? "");
}

const beginning = "response.output_item.added";
const ending = "response.output_item.done";

function failed(value: JsonObject): JsonObject {
  const { type, code, message } = failureOf(value);
  const error = { type: type ?? "error", code: code === undefined ? null : String(code), message };
  return { type: "error", sequence_number: 0, error: { ...error, param: null } };
}

function ended({ incomplete_details: details, usage }: JsonObject): JsonObject {
  const { input_tokens: input, output_tokens: output } = fieldsOf(usage);
  const isCounted = typeof input === "number" && typeof output === "number";
  const reason = isJsonObject(details) ? details.reason : undefined;
  return {
    ...(typeof reason === "string" ? { incomplete_details: { reason } } : {}),
    ...(isCounted ? { usage: { input_tokens: input, output_tokens: output } } : {}),
  };
}

function ofTypes({ id, created_at: at, model }: JsonObject): JsonObject {
  return {
    ...(typeof id === "string" ? { id } : {}),
    ...(typeof at === "number" ? { created_at: at } : {}),
    ...(typeof model === "string" ? { model } : {}),
  };
}

const responseTexts =
  /^response\.(output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments)\.delta$/;

/** @param given an event, in the form that the package reads */
export function pieceOfResponse(given: object): Piece | null {
  const event = fieldsOf(given);
  const { type, delta: text, logprobs } = event;
  if (typeof type !== "string" || !responseTexts.test(type) || typeof text !== "string")
    return null;
  if (Array.isArray(logprobs) && logprobs.length > 0) return null;
  const {
    item_id: item,
    output_index: output,
    content_index: content,
    summary_index: summary,
  } = event;
  const key = JSON.stringify([type, item, output, content, summary]);
  return { key, text, event: (delta) => ({ ...event, delta }) };
}
