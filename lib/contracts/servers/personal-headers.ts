import { headerNameProblem, isHeaderValue } from "./secret-lines";

/** A header whose value each person enters. */
export interface PersonalHeader {
  name: string;
  /** Sent before the value, with a space, such as `Bearer`. Null: the value is sent alone. */
  scheme: string | null;
}

/** What each person is asked for, if headers are each person's own. */
export const personalKeySettings = {
  personalHeaders: {
    kind: "text",
    format: "headers",
    label: "Headers to ask for",
    hint: "One name per line, such as X-Api-Key. Add the word before the value if there is one, as in Authorization: Bearer.",
    placeholder: "Authorization: Bearer",
    required: true,
    default: "",
  },
  keyInstructions: {
    kind: "text",
    format: "sentence",
    label: "Where to get the key",
    hint: "Shown to each person who is asked for their key.",
    placeholder: "Create a key under Settings, API keys",
    default: "",
  },
  keyUrl: {
    kind: "text",
    format: "https",
    label: "Link to the key page",
    hint: "The provider’s page where people create their key.",
    placeholder: "https://example.com/settings/keys",
    default: "",
  },
} as const;

export type PersonalHeaders =
  | { ok: true; headers: PersonalHeader[] }
  | { ok: false; problem: string };

const mostHeaders = 5;
/** RFC 9110 §11.1, and short: a secret that an admin pastes by mistake is rejected, not shown to everyone. */
const scheme = /^[A-Za-z][A-Za-z-]{0,19}$/;
const longestValue = 8000;

/** An admin's text: one name per line, such as `X-Api-Key`, or `Authorization: Bearer`. */
export function parsePersonalHeaders(text: string): PersonalHeaders {
  const headers: PersonalHeader[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const problem = (what: string): PersonalHeaders => ({
      ok: false,
      problem: `Line ${index + 1}: ${what}`,
    });
    const at = line.indexOf(":");
    const name = (at < 0 ? line : line.slice(0, at)).trim();
    const before = at < 0 ? "" : line.slice(at + 1).trim();
    const wrongName = headerNameProblem(name);
    if (wrongName !== null) return problem(wrongName);
    if (before !== "" && !scheme.test(before)) {
      return problem(
        "after the colon, write only the word before the value, as in Authorization: Bearer. Each person enters the value.",
      );
    }
    if (headers.some((header) => sameName(header.name, name))) {
      return problem(`${name} is listed twice. Keep one.`);
    }
    headers.push({ name, scheme: before || null });
  }
  if (headers.length > mostHeaders) {
    return { ok: false, problem: `Name ${mostHeaders} headers at most.` };
  }
  return { ok: true, headers };
}

/** From a stored setting, which was checked when it was saved. */
export function personalHeadersOf(settings: { personalHeaders: string }): PersonalHeader[] {
  const parsed = parsePersonalHeaders(settings.personalHeaders);
  return parsed.ok ? parsed.headers : [];
}

/** What is wrong with a value that a person entered; null: nothing. It never repeats the value. */
export function personalValueProblem({ name }: PersonalHeader, value: string): string | null {
  if (value.trim() === "") return `Enter the value of ${name}.`;
  if (value.length > longestValue) return "Shorten it to 8,000 characters.";
  return isHeaderValue(value.trim())
    ? null
    : "Enter one line of printable ASCII characters, as the provider shows it.";
}

/** In its stored form: without the scheme, which many providers show along with the key. */
export function personalValue(header: PersonalHeader, entered: string): string {
  const value = entered.trim();
  if (header.scheme === null) return value;
  const [first = "", ...rest] = value.split(/\s+/);
  return rest.length > 0 && sameName(first, header.scheme) ? rest.join(" ") : value;
}

/** In the form that is sent. */
export function headerValue({ scheme }: PersonalHeader, value: string): string {
  return scheme === null ? value : `${scheme} ${value}`;
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
