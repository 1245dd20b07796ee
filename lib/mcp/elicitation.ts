/**
 * What a server asks the person for in the middle of a call, as it came: nothing of it is checked.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */
export type Elicitation =
  | { mode: "form"; message: string; requestedSchema: unknown }
  | { mode: "url"; message: string; url: unknown };

/** The ElicitResult of the specification. */
export type ElicitationResponse =
  | { action: "accept"; content?: Record<string, string | number | boolean | string[]> }
  | { action: "decline" | "cancel" };

/** Asks the person who made the call; `signal` is aborted when the call is over before the answer. */
export type Elicit = (asked: Elicitation, signal: AbortSignal) => Promise<ElicitationResponse>;

/** Of an `elicitation/create` request; before 2025-11-25 there was the form alone. */
export function readElicitation(params: unknown): Elicitation {
  const { mode, message, requestedSchema, url } = (params ?? {}) as Record<string, unknown>;
  const words = typeof message === "string" ? message : "";
  return mode === "url"
    ? { mode, message: words, url }
    : { mode: "form", message: words, requestedSchema };
}
