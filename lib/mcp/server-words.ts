import { plainText } from "./plain-text";
import type { McpTarget } from "./target";
import { findable, withoutSecrets } from "./without-secrets";

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

/** Of headers and variables that hold a credential; what the others hold is part of many an answer. */
const CREDENTIAL_NAME = /auth|cookie|credential|key|pass|secret|token/i;

/**
 * @param tokens those that were sent to this server: one that echoes a request in its error must not
 *   bring a token onto a page or into a log. Another list where they are others.
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

  const toRemove = withTokens(credentials, tokens);
  const toHide = withTokens(entered, tokens);
  const redacted = (text: string) => withoutSecrets(text, toHide());
  return {
    withoutCredentials: (value) => withoutSecrets(value, toRemove()),
    quote: (text, maxLength) => plainText(redacted(text), maxLength),
    last: () => plainText(redacted(stderr()).slice(-280)),
  };
}

/** They are looked for in each answer and change with a refresh, so they are put in order then. */
function withTokens(
  secrets: readonly string[],
  tokens: () => readonly string[],
): () => readonly string[] {
  let sent: readonly string[] | null = null;
  let all: readonly string[] = [];
  return () => {
    const now = tokens();
    if (now === sent) return all;
    sent = now;
    all = findable([...secrets, ...now]);
    return all;
  };
}

/** `Bearer abc` is sent whole, and may come back without its scheme. */
function withAndWithoutScheme(value: string): string[] {
  return [value, value.replace(/^\S+\s+/, "")];
}
