import { fieldsOf, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { hasFailure } from "@/lib/chat/model/provider-words";
import { failureOf, type Piece, type UsualEvents } from "./usual-events";

/**
 * The events of one answer from OpenAI's Responses API, in the form that the AI SDK's package reads. Other vendors and
 * gateways omit fields that don't affect the answer, or the event that begins an item.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesEvents implements UsualEvents {
  readonly #items = new Set<string>();

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
        this.isOver = true;
        return [{ type, response: ended(response) }];
      case "response.output_item.added":
      case "response.output_item.done":
        return isJsonObject(event.item) ? this.#item(event, event.item) : [];
      case "response.output_text.delta":
      case "response.refusal.delta":
        return [
          ...this.#begin(String(event.item_id)),
          { ...event, item_id: String(event.item_id) },
        ];
      case "response.output_text.annotation.added":
        return isKnownAnnotation(event.annotation) ? [event] : [];
      default:
        return [event];
    }
  }

  done(): JsonObject[] {
    return [];
  }

  whole(answer: unknown): JsonObject[] | null {
    if (!isJsonObject(answer) || !Array.isArray(answer.output)) return null;
    const items = answer.output.filter(isJsonObject).flatMap((item, output_index) => {
      const item_id = String(item.id ?? `item_${output_index}`);
      const known = { ...item, id: item_id };
      const parts = Array.isArray(item.content) ? item.content.filter(isJsonObject) : [];
      const deltas = parts.flatMap(({ text }) =>
        typeof text === "string" && item.type === "message"
          ? [{ type: "response.output_text.delta", item_id, delta: text }]
          : [],
      );
      const added = { type: "response.output_item.added", output_index, item: known };
      return [added, ...deltas, { ...added, type: "response.output_item.done" }];
    });
    const type = answer.status === "incomplete" ? "response.incomplete" : "response.completed";
    const created = { type: "response.created", response: answer };
    const all = answer.error ? [{ type: "response.failed", response: answer }] : items;
    const end = answer.error ? [] : [{ type, response: answer }];
    return [created, ...all, ...end].flatMap((event) => this.read(event));
  }

  #item(event: JsonObject, item: JsonObject): JsonObject[] {
    const { type, output_index: index } = event;
    const id = String(item.id ?? item.call_id ?? "");
    const output_index = Number(index ?? 0);
    const isDone = type === "response.output_item.done";
    const known = { ...item, id };
    const add = (each: JsonObject) => {
      const begin =
        isDone && !this.#items.has(id)
          ? [{ ...event, type: beginning, output_index, item: { ...each, arguments: "" } }]
          : [];
      this.#items.add(id);
      return [...begin, { ...event, output_index, item: each }];
    };
    switch (item.type) {
      case "message":
      case "reasoning":
        return add(known);
      case "function_call": {
        const { arguments: args } = item;
        const written = isJsonObject(args) ? JSON.stringify(args) : String(args ?? "");
        const call_id = String(item.call_id ?? id);
        return add({
          ...known,
          call_id,
          arguments: written,
          ...(isDone ? { status: "completed" } : {}),
        });
      }
      default:
        // Usher requests no other kinds: this is a tool that the server ran on its own.
        return [];
    }
  }

  #begin(id: string): JsonObject[] {
    if (this.#items.has(id)) return [];
    this.#items.add(id);
    return [{ type: beginning, output_index: 0, item: { type: "message", id } }];
  }
}

const beginning = "response.output_item.added";

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

/** A person cannot open any other kind of source. */
function isKnownAnnotation(annotation: unknown): boolean {
  return isJsonObject(annotation) && annotation.type === "url_citation";
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
