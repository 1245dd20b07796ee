import { isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { failureKind } from "@/lib/chat/model/failure-kind";

/** What an event adds to a text or to a call's arguments, if it does nothing else. */
export type Piece = {
  /** Of the text that it belongs to. */
  key: string;
  text: string;
  /** The same event with another text. */
  event: (text: string) => JsonObject;
};

/** Turns the events of one answer into those that the AI SDK's package for this API reads. */
export interface UsualEvents {
  /** The answer said why it ended. Whatever the connection does after that is ignored. */
  readonly isOver: boolean;
  /** @param event any JSON value @returns nothing for an event that is not part of the answer */
  read(event: unknown): JsonObject[];
  /** The stream says that it is over. */
  done(): JsonObject[];
  /** An answer that was not streamed, as events; null: it is not an answer from this API. */
  whole(answer: unknown): JsonObject[] | null;
}

/**
 * A failure reported inside a stream, in the form that each package reads. Any other form is kept as text, which is
 * searched for the reason.
 */
export function failureOf(value: JsonObject): JsonObject {
  const { error } = value;
  if (isJsonObject(error) && typeof error.message === "string") {
    const { message, type, code, param: _, ...more } = error;
    const isCode = typeof code === "string" || typeof code === "number";
    // The packages drop other fields, such as the provider's words beside a gateway's own, or the time to wait.
    const saysMore = Object.values(more).some((value) => value !== null);
    return {
      message: saysMore ? JSON.stringify({ error }) : message,
      ...(typeof type === "string" ? { type } : {}),
      ...(isCode ? { code } : {}),
    };
  }
  return { message: typeof error === "string" ? error : JSON.stringify(value) };
}

/**
 * Text in the middle of a stream is a failure if its words are known for one, or if it is a broken piece of the answer.
 * Keep-alive text is ignored.
 */
export function isFailureText(text: string): boolean {
  return (
    /^[{[<]/.test(text) || failureKind({ status: null, code: null, words: text }) !== "refused"
  );
}
