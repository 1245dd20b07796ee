import { isParameters, type Parameters, textOf } from "@/lib/oauth/parameters";

/** What a token or revocation request consists of, and where some put an error about none of it. */
const FIELDS =
  /^(refresh_?token|access_?token|token|client(_?(id|secret))?|code|code_?verifier|grant_?type|redirect_?uri|scope|resource|assertion|non_?field_?errors)$/i;
const MOST = 3;
const LONGEST = 300;

/**
 * Adds to an error's message what it says of single parameters, which a message such as “Bad Request” leaves out:
 * Strava's `{errors: [{field: "refresh_token", code: "invalid"}]}`, and lists of messages by name, as web frameworks
 * send them: `{errors: {refresh_token: ["is invalid"]}}`.
 */
export function withFields(message: string | null, answer: Parameters): string | null {
  const lists = Object.entries(answer).filter(([, value]) => Array.isArray(value));
  const told = [Object.fromEntries(lists), answer.errors, answer.data].flatMap(fieldErrors);
  const more = told.filter((each) => !message?.includes(each)).slice(0, MOST);
  return [message, ...more].filter(Boolean).join("; ") || null;
}

function fieldErrors(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.slice(0, MOST).flatMap((each) => (isParameters(each) ? codeOfField(each) : []));
  }
  if (!isParameters(value)) return [];
  return Object.entries(value).flatMap(([name, told]) => {
    const [first] = Array.isArray(told) ? told : [told];
    return FIELDS.test(name) && isMessage(first) ? [`${name}: ${first}`] : [];
  });
}

function codeOfField(error: Parameters): string[] {
  const field = textOf(error, "field") ?? textOf(error, "param");
  const code = textOf(error, "code") ?? textOf(error, "reason");
  return field !== null && FIELDS.test(field) && code !== null && code.length <= LONGEST
    ? [`${field} ${code}`]
    : [];
}

/** At least two words, so that it is not the value of the parameter. */
function isMessage(told: unknown): told is string {
  return typeof told === "string" && told.length <= LONGEST && /\p{L}\s+\p{L}/u.test(told);
}
