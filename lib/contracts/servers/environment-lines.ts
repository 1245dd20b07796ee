/** One entry, and where it begins. */
export type SecretLine = { name: string; value: string; number: number };

export type EnvironmentLines = { ok: true; lines: SecretLine[] } | { ok: false; problem: string };

const severalLines = 'A value with several lines goes into quotes: KEY="…".';
const escapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ['"', '"'],
  ["\\", "\\"],
]);

/**
 * `KEY=value`, one a line, as in a `.env` file: a value in double quotes may have several lines and
 * `\n`, one in single quotes is taken as it is, and a PEM block needs no quotes.
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
        problem: `Line ${number}: the quotes are not closed. If the value begins with one, put it into the other kind of quotes.`,
      };
    }
    lines.push({ name, value: read.value, number });
    at += read.rows - 1;
  }
  return { ok: true, lines };
}

type Read = { value: string; rows: number };

/** Null: it is not in quotes, or goes on after them and is taken as it is. `open`: they never end. */
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
