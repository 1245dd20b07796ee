/** One secret a line, as an admin types them: `KEY=value` for environment variables, `Name: value` for headers. */
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

/** Problems name the line by number and never repeat its value. */
export function parseEnvironment(text: string): SecretLines {
  return parseLines(text, (line, number) => {
    const at = line.indexOf("=");
    if (at < 1) return `Line ${number}: write it as KEY=value.`;
    const name = line.slice(0, at).trim();
    if (!environmentName.test(name)) {
      return `Line ${number}: a variable's name has letters, digits and underscores only and starts with no digit.`;
    }
    const value = line.slice(at + 1);
    if (value.includes("\0")) return `Line ${number}: the value has a NUL character; remove it.`;
    return [name, value];
  });
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
export function parseHeaders(text: string): SecretLines {
  return parseLines(text, (line, number) => {
    const at = line.indexOf(":");
    if (at < 1) return `Line ${number}: write it as Name: value.`;
    const name = line.slice(0, at).trim();
    if (!headerName.test(name)) return `Line ${number}: that is not a header name.`;
    if (reservedHeaders.has(name.toLowerCase())) {
      return `Line ${number}: ${name} is set by Usher itself; remove the line.`;
    }
    const value = line.slice(at + 1).trim();
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      return `Line ${number}: a header value has printable ASCII characters only.`;
    }
    return [name, value];
  });
}

function parseLines(
  text: string,
  parse: (line: string, number: number) => string | readonly [string, string],
): SecretLines {
  const values: Record<string, string> = {};
  const seen = new Set<string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === "") continue;
    const parsed = parse(raw.trimStart(), index + 1);
    if (typeof parsed === "string") return { ok: false, problem: parsed };
    const [name, value] = parsed;
    if (seen.has(name.toLowerCase())) {
      return { ok: false, problem: `Line ${index + 1}: ${name} stands twice; keep one.` };
    }
    seen.add(name.toLowerCase());
    values[name] = value;
  }
  return { ok: true, values };
}
