import { failureKind } from "@/lib/chat/model/failure-kind";
import { isJsonObject, type JsonObject } from "@/lib/mcp/reading/json-object";

/** Reads the events of one answer of a model's API, and returns those that the AI SDK's package for it reads. */
export interface UsualEvents {
  /** The answer said why it ended. What its connection does after that is no matter. */
  readonly isOver: boolean;
  /** @param event JSON of any kind; what says nothing of the answer returns nothing */
  read(event: unknown): JsonObject[];
  /** The stream says that it ends here. */
  done(): JsonObject[];
  /** An answer that is no stream, as the events of one; null: it is no answer of this API. */
  whole(answer: unknown): JsonObject[] | null;
}

/**
 * A failure that a server reports inside a stream, in the form that each package reads. One in another form is kept as
 * it is, to be searched for what it says.
 */
export function failureOf(value: JsonObject): JsonObject {
  const { error } = value;
  if (isJsonObject(error) && typeof error.message === "string") {
    const { type, code } = error;
    const isCode = typeof code === "string" || typeof code === "number";
    return {
      message: error.message,
      ...(typeof type === "string" ? { type } : {}),
      ...(isCode ? { code } : {}),
    };
  }
  return { message: typeof error === "string" ? error : JSON.stringify(value) };
}

/**
 * Text in the middle of a stream is a failure if its words are known for one, or if it is a broken piece of the answer.
 * A word to keep the connection open says nothing.
 */
export function isFailureText(text: string): boolean {
  return (
    /^[{[<]/.test(text) || failureKind({ status: null, code: null, words: text }) !== "refused"
  );
}
