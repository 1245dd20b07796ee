import { readEnvironmentLines, type SecretLine } from "./environment-lines";

/** Secrets as an admin types them: `KEY=value` for environment variables, `Name: value` for headers. */
export type SecretLines =
  | { ok: true; values: Record<string, string> }
  | { ok: false; problem: string };

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** RFC 9110 §5.6.2 token. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Set by the transport or by Usher itself; a stored value would break or bypass it. */
const reservedHeaders = new Set([
  "host",
  "content-length",
  "content-type",
  "accept",
  "connection",
  "transfer-encoding",
  "mcp-session-id",
  "mcp-protocol-version",
]);

/**
 * A value in quotes may have several lines. Names that differ in case are two variables. Problems name
 * the line by number and never repeat its value.
 */
export function parseEnvironment(text: string): SecretLines {
  const read = readEnvironmentLines(text);
  if (!read.ok) return read;
  for (const { name, value, number } of read.lines) {
    if (!environmentName.test(name)) {
      return refused(
        number,
        "a variable's name has letters, digits and underscores only and starts with no digit.",
      );
    }
    if (value.includes("\0")) {
      return refused(number, "the value has a NUL character; remove it.");
    }
  }
  return collected(read.lines, (name) => name);
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
export function parseHeaders(text: string): SecretLines {
  const lines: SecretLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === "") continue;
    const number = index + 1;
    const at = raw.indexOf(":");
    const name = raw.slice(0, Math.max(at, 0)).trim();
    if (name === "") return refused(number, "write it as Name: value.");
    if (!headerName.test(name)) return refused(number, "that is not a header name.");
    if (reservedHeaders.has(name.toLowerCase())) {
      return refused(number, `${name} is set by Usher itself; remove the line.`);
    }
    const value = raw.slice(at + 1).trim();
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      return refused(number, "a header value has printable ASCII characters only.");
    }
    lines.push({ name, value, number });
  }
  return collected(lines, (name) => name.toLowerCase());
}

/** @param sameAs equal for names that mean the same */
function collected(lines: readonly SecretLine[], sameAs: (name: string) => string): SecretLines {
  const seen = new Map<string, SecretLine>();
  for (const line of lines) {
    const before = seen.get(sameAs(line.name));
    if (before?.name === line.name) {
      return refused(line.number, `${line.name} stands twice; keep one.`);
    }
    if (before) {
      return refused(
        line.number,
        `${line.name} is the same header as ${before.name} in line ${before.number}, as case does not count. Keep one.`,
      );
    }
    seen.set(sameAs(line.name), line);
  }
  // Defines each name, where an assignment to `__proto__` would call its setter.
  return { ok: true, values: Object.fromEntries(lines.map(({ name, value }) => [name, value])) };
}

function refused(number: number, problem: string): SecretLines {
  return { ok: false, problem: `Line ${number}: ${problem}` };
}
