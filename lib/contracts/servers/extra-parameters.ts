type ParsedExtraParameters =
  | { ok: true; values: Record<string, string> }
  | { ok: false; problem: string };

/** Usher sets these itself, and a second value would break the flow or weaken it. */
const PROTOCOL_PARAMETERS: ReadonlySet<string> = new Set([
  "response_type",
  "response_mode",
  "client_id",
  "client_secret",
  "redirect_uri",
  "refresh_token",
  "client_assertion",
  "scope",
  "state",
  "code",
  "code_challenge",
  "code_challenge_method",
  "code_verifier",
  "dpop_jkt",
  "grant_type",
  "request",
  "request_uri",
  "resource",
]);

/** As `parseExtraParameters` reads them. */
export function parameterLines(parameters: readonly (readonly [string, string])[]): string {
  return parameters.map(([name, value]) => `${name}=${value}`).join("\n");
}

export function isProtocolParameter(name: string): boolean {
  return PROTOCOL_PARAMETERS.has(name.toLowerCase());
}

/**
 * Reads the typed extra parameters: `name=value`, one per line, not encoded. The one rule for the
 * form, the check of what is sent, and the requests. The problem names the line and how to fix it.
 */
export function parseExtraParameters(text: string): ParsedExtraParameters {
  const values = new Map<string, string>();
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === "") continue;
    const equals = line.indexOf("=");
    const name = line.slice(0, Math.max(equals, 0)).trim();
    const problem = equals === -1 ? "write it as name=value." : problemOf(name, values);
    if (problem !== null) return { ok: false, problem: `Line ${index + 1}: ${problem}` };
    values.set(name, line.slice(equals + 1).trim());
  }
  return { ok: true, values: Object.fromEntries(values) };
}

/** From a text that was checked before; none if it cannot be read. */
export function extraParametersIn(text: string): Record<string, string> {
  const parsed = parseExtraParameters(text);
  return parsed.ok ? parsed.values : {};
}

function problemOf(name: string, before: ReadonlyMap<string, string>): string | null {
  if (name === "") return "a name is missing before the “=”.";
  if (!/^[\w.~-]{1,100}$/.test(name)) {
    return "a name has letters, digits, “_”, “-”, “.” and “~” only.";
  }
  if (isProtocolParameter(name)) {
    return `Usher sets “${name}” itself. Take it out, or use the field for it.`;
  }
  return before.has(name) ? `“${name}” is listed twice. Keep one.` : null;
}
