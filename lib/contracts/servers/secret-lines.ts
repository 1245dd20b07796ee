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
 * A quoted value may have several lines. Names that differ in case are two variables. Problems name
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
    const problem = headerNameProblem(name);
    if (problem !== null) return refused(number, problem);
    const value = raw.slice(at + 1).trim();
    if (!isHeaderValue(value)) {
      return refused(number, "a header value has printable ASCII characters only.");
    }
    lines.push({ name, value, number });
  }
  return collected(lines, (name) => name.toLowerCase());
}

/** Why no header with this name can be sent; null: one can. */
export function headerNameProblem(name: string): string | null {
  if (!headerName.test(name)) return "that is not a header name.";
  if (reservedHeaders.has(name.toLowerCase())) {
    return `${name} is set by Usher itself; remove the line.`;
  }
  return null;
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}

/** @param sameAs equal for equivalent names */
function collected(lines: readonly SecretLine[], sameAs: (name: string) => string): SecretLines {
  const seen = new Map<string, SecretLine>();
  for (const line of lines) {
    const before = seen.get(sameAs(line.name));
    if (before?.name === line.name) {
      return refused(line.number, `${line.name} is listed twice. Keep one.`);
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

/** One entry, and where it starts. */
export type SecretLine = { name: string; value: string; number: number };

export type EnvironmentLines = { ok: true; lines: SecretLine[] } | { ok: false; problem: string };

const severalLines = 'Put a value with several lines in quotes: KEY="…".';
const escapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ['"', '"'],
  ["\\", "\\"],
]);

/**
 * `KEY=value`, one per line, as in a `.env` file: a value in double quotes may have several lines and
 * `\n`, one in single quotes is taken literally, and a PEM block needs no quotes.
 */
export function readEnvironmentLines(text: string): EnvironmentLines {
  const rows = text.split(/\r?\n/);
  const lines: SecretLine[] = [];
  for (let at = 0; at < rows.length; at += 1) {
    const row = (rows[at] ?? "").trimStart();
    if (row.trim() === "") continue;
    const number = at + 1;
    const equals = row.indexOf("=");
    if (equals < 1) {
      return { ok: false, problem: `Line ${number}: write it as KEY=value. ${severalLines}` };
    }
    const name = row.slice(0, equals).trim();
    const rest = [row.slice(equals + 1), ...rows.slice(at + 1)];
    const read = readQuoted(rest) ?? readPem(rest) ?? { value: rest[0] ?? "", rows: 1 };
    if (read === "open") {
      return {
        ok: false,
        problem: `Line ${number}: the quotes are not closed. If the value begins with a quote, wrap it in the other kind of quotes.`,
      };
    }
    lines.push({ name, value: read.value, number });
    at += read.rows - 1;
  }
  return { ok: true, lines };
}

type Read = { value: string; rows: number };

/** Null: it is not quoted, or continues after the quotes and is taken literally. `open`: they never end. */
function readQuoted(rows: readonly string[]): Read | "open" | null {
  const [first = ""] = rows;
  const quote = first.trimStart()[0];
  if (quote !== '"' && quote !== "'") return null;
  const text = [first.trimStart().slice(1), ...rows.slice(1)].join("\n");
  const end = quote === '"' ? endOfDoubleQuotes(text) : text.indexOf("'");
  if (end === -1) return "open";
  const [after = ""] = text.slice(end + 1).split("\n");
  const inside = text.slice(0, end);
  const count = inside.split("\n").length;
  if (after.trim() !== "") return count === 1 ? null : "open";
  return { value: quote === '"' ? unescaped(inside) : inside, rows: count };
}

function endOfDoubleQuotes(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') return at;
    if (text[at] === "\\") at += 1;
  }
  return -1;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (whole, letter: string) => escapes.get(letter) ?? whole);
}

/** @see https://www.rfc-editor.org/rfc/rfc7468#section-3 */
function readPem(rows: readonly string[]): Read | null {
  const begin = /^\s*-----BEGIN ([A-Z0-9 ]+)-----\s*$/.exec(rows[0] ?? "");
  if (!begin) return null;
  const last = rows.findIndex((row) => row.trim() === `-----END ${begin[1]}-----`);
  if (last === -1) return null;
  const block = rows.slice(0, last + 1).map((row) => row.trim());
  return { value: `${block.join("\n")}\n`, rows: last + 1 };
}
