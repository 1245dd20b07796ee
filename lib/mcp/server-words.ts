import { plainText } from "./plain-text";
import type { McpTarget } from "./target";

/** What a server wrote, made fit for an error: short, on one line, and without what it was told in confidence. */
export type ServerWords = {
  quote(text: string, maxLength?: number): string;
  /** The end of what a stdio server wrote to stderr; else "". */
  last(): string;
};

/** Shorter values are no secrets, and taking them out would blank half of every text. */
const SHORTEST_SECRET = 6;

/**
 * @param tokens those that were sent to this server: one that echoes a request in its error must not
 *   bring a token onto a page or into a log
 */
export function serverWords(
  target: McpTarget,
  tokens: () => readonly string[],
  stderr: () => string,
): ServerWords {
  const { endpoint } = target;
  const stored = Object.values(
    endpoint.transport === "STDIO" ? endpoint.environment : endpoint.headers,
  );
  // `Bearer abc` is sent whole, and may come back without its scheme.
  const entered = stored.flatMap((value) => [value, value.replace(/^\S+\s+/, "")]);

  function redacted(text: string): string {
    return [...entered, ...tokens()]
      .filter((secret) => secret.length >= SHORTEST_SECRET)
      .sort((a, b) => b.length - a.length)
      .reduce((cleaned, secret) => cleaned.replaceAll(secret, "[removed]"), text);
  }
  return {
    quote: (text, maxLength) => plainText(redacted(text), maxLength),
    last: () => plainText(redacted(stderr()).slice(-280)),
  };
}
