import { isParameters, type Parameters, textOf } from "@/lib/oauth/parameters";

/** Slack's answer has a user's token at the second level, inside an envelope at the third. */
const DEEPEST = 3;
/** Where tokens are looked for first, in this order. */
const ENVELOPES = ["data", "authed_user"];

/**
 * The object that has the tokens, where the answer itself has none by the standard's name: Slack's `authed_user`,
 * Withings' `body`, `data`, `result` or any other envelope, and names such as `accessToken`. If several objects have
 * tokens, no one can say which are meant.
 */
export function oddGrant(answer: Parameters): Parameters {
  const spelled = standardNames(answer);
  if (hasToken(spelled)) return spelled;
  const known = ENVELOPES.map((name) => standardNames(insideOf(answer[name]) ?? {}));
  const first = known.find(hasToken);
  if (first) return first;
  const [only, ...others] = grantsIn(answer, DEEPEST);
  return only && others.length === 0 ? only : answer;
}

function hasToken(grant: Parameters): boolean {
  return textOf(grant, "access_token") !== null;
}

function grantsIn(answer: Parameters, levels: number): Parameters[] {
  if (levels === 0) return [];
  return Object.values(answer).flatMap((value) => {
    const inside = insideOf(value);
    if (!inside) return [];
    const grant = standardNames(inside);
    return hasToken(grant) ? [grant] : grantsIn(inside, levels - 1);
  });
}

/** An object, or the only one in a list. */
function insideOf(value: unknown): Parameters | null {
  const [only, ...others] = Array.isArray(value) ? value : [value];
  return isParameters(only) && others.length === 0 ? only : null;
}

/** `accessToken`, `AccessToken`, `access-token` and `ACCESS_TOKEN` as `access_token`. */
export function standardNames(object: Parameters): Parameters {
  const spelled = Object.entries(object).map(([name, value]) => [standardName(name), value]);
  return { ...Object.fromEntries(spelled), ...object };
}

function standardName(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
}
