import { plainText } from "./plain-text";
import type { McpTarget } from "./target";

/** What a server wrote, without what it was told in confidence. */
export type ServerWords = {
  /** Fit for an error: short and on one line. */
  quote(text: string, maxLength?: number): string;
  /**
   * The same JSON value without the credentials that this server was sent, wherever they stand in it:
   * a result, a list of tools. One that the server encoded or took apart is not found.
   */
  withoutCredentials<Value>(value: Value): Value;
  /** The end of what a stdio server wrote to stderr; else "". */
  last(): string;
};

/** Shorter values are no secrets, and taking them out would blank half of every text. */
const SHORTEST_SECRET = 6;
/** Of headers and variables that hold a credential; what the others hold is part of many an answer. */
const CREDENTIAL_NAME = /auth|cookie|credential|key|pass|secret|token/i;

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
  const stored = Object.entries(
    endpoint.transport === "STDIO" ? endpoint.environment : endpoint.headers,
  );
  const entered = stored.flatMap(([, value]) => withAndWithoutScheme(value));
  const credentials = stored
    .filter(([name]) => CREDENTIAL_NAME.test(name))
    .flatMap(([, value]) => withAndWithoutScheme(value));

  function redacted(text: string): string {
    return without([...entered, ...tokens()], text);
  }
  return {
    withoutCredentials: (value) => {
      const text = JSON.stringify(value);
      const secrets = [...credentials, ...tokens()].map((secret) =>
        JSON.stringify(secret).slice(1, -1),
      );
      const cleaned = text === undefined ? text : without(secrets, text);
      return cleaned === text ? value : JSON.parse(cleaned);
    },
    quote: (text, maxLength) => plainText(redacted(text), maxLength),
    last: () => plainText(redacted(stderr()).slice(-280)),
  };
}

/** `Bearer abc` is sent whole, and may come back without its scheme. */
function withAndWithoutScheme(value: string): string[] {
  return [value, value.replace(/^\S+\s+/, "")];
}

function without(secrets: readonly string[], text: string): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
    .reduce((cleaned, secret) => cleaned.replaceAll(secret, "[removed]"), text);
}
