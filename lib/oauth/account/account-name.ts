import { type Parameters, parseParameters } from "@/lib/oauth/parameters";
import { oneLine } from "@/lib/untrusted-text";

/** What a response says about whose account it is, for people to read. Nothing depends on it. */
export interface ToldName {
  /** Such as an e-mail address; null: not given. */
  name: string | null;
  /** Meaningful only to the provider, such as `sub`; used if there is no name. */
  id: string | null;
}

const longest = 120;
const deepest = 3;

/** The fields by which people recognize an account, best first. Compared ignoring case, `_` and `-`. */
const ofPerson = [
  ...["email", "emailaddress", "useremail", "accountemail", "mail", "emails"],
  ...["preferredusername", "upn", "userprincipalname", "uniquename"],
  ...["username", "login", "screenname", "handle", "nickname", "accountname"],
];
/** May also be an app's, unless it is in an object about a person. */
const ofPersonInside = [...ofPerson, "displayname", "realname", "fullname", "name"];
const ids = ["sub", "userid", "accountid", "uid", "stripeuserid"];
const idsInside = [...ids, "id"];
const people = [
  ...["user", "autheduser", "owner", "account", "associateduser", "profile", "person"],
  ...["member", "athlete", "viewer", "me", "data"],
];
const places = ["workspace", "team", "organization", "org", "tenant", "company", "site"];

/**
 * From claims: an ID token, userinfo, or an introspection.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
export function nameInClaims(claims: Parameters): ToldName {
  const name =
    textIn(claims, ofPersonInside) ??
    textIn(withoutNamespaces(claims), ofPersonInside) ??
    (bothNames(claims) || nameInside(claims, ofPersonInside, deepest));
  return { name, id: textIn(claims, ids) };
}

function bothNames(claims: Parameters): string {
  const first = textIn(claims, ["givenname", "firstname"]);
  return [first, textIn(claims, ["familyname", "lastname"])].filter(Boolean).join(" ");
}

/** `cognito:username`, `https://app.example/email`: claims of a provider's own, by the last part of their names. */
function withoutNamespaces(claims: Parameters): Parameters {
  const own = Object.entries(claims).map(([name, value]) => [name.split(/[/:.]/).at(-1), value]);
  return Object.fromEntries(own);
}

/** From a response that is also about something else: a token response. Its tokens are not names. */
export function nameInAnswer(answer: Parameters): ToldName {
  const person =
    textIn(answer, ofPerson) ?? nameInside(answer, ofPersonInside, deepest) ?? addressIn(answer);
  const place = placeIn(answer);
  const name = person !== null && place !== null ? `${person} (${place})` : (person ?? place);
  return { name, id: textIn(answer, ids) ?? nameInside(answer, idsInside, deepest) };
}

/** From the answer of a tool that says who is connected: JSON, otherwise its first line. */
export function nameInToolAnswer(answer: {
  structuredContent?: unknown;
  text: string;
}): string | null {
  const object = isObject(answer.structuredContent)
    ? answer.structuredContent
    : parseJson(answer.text);
  if (object === null) {
    return shownName(answer.text.split(/\r?\n/).find((line) => line.trim() !== "") ?? null, []);
  }
  const told = nameInAnswer(object);
  const name = textIn(object, ofPersonInside) ?? told.name ?? textIn(object, idsInside) ?? told.id;
  return shownName(name, []);
}

/** A form-encoded response is a string here. */
function parseJson(text: string): Parameters | null {
  return text.trimStart().startsWith("{") ? parseParameters(text) : null;
}

/**
 * Suitable for display and storage: on one line and bounded. Null if nothing is left.
 * @param tokens a name that is one of these, or contains one, is not a name
 */
export function shownName(name: string | null, tokens: readonly string[]): string | null {
  if (name === null) return null;
  // Truncated without a mark, so that a token remains recognizable as its own beginning.
  const shown = oneLine(oneLine(name).slice(0, longest));
  const isToken = tokens.some(
    (token) => token !== "" && (token.startsWith(shown) || shown.includes(token)),
  );
  return shown === "" || isToken ? null : shown;
}

/** HubSpot's `user` is the address itself. Any other text there may be a number or a kind. */
function addressIn(answer: Parameters): string | null {
  const text = textIn(answer, ["user", "account", "owner"]);
  return text !== null && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? text : null;
}

function placeIn(answer: Parameters): string | null {
  const named = textIn(
    answer,
    places.map((place) => `${place}name`),
  );
  if (named !== null) return named;
  const inside = objectsIn(answer, places).map((place) => textIn(place, ["name", "domain"]));
  return inside.find((name) => name !== null) ?? null;
}

function nameInside(answer: Parameters, names: readonly string[], levels: number): string | null {
  if (levels === 0) return null;
  for (const person of objectsIn(answer, people)) {
    const found = textIn(person, names) ?? nameInside(person, names, levels - 1);
    if (found !== null) return found;
  }
  return null;
}

function objectsIn(answer: Parameters, names: readonly string[]): Parameters[] {
  return Object.entries(answer).flatMap(([name, value]) =>
    names.includes(plain(name)) && isObject(value) ? [value] : [],
  );
}

/** The string or number of the first of these names that has one. */
function textIn(object: Parameters, names: readonly string[]): string | null {
  const told = new Map(
    Object.entries(object).flatMap(([name, given]): [string, string][] => {
      const value = plain(name) === "emails" && Array.isArray(given) ? firstOf(given) : given;
      const text = typeof value === "number" ? String(value) : value;
      return typeof text === "string" && text.trim() !== "" ? [[plain(name), text]] : [];
    }),
  );
  for (const name of names) {
    const text = told.get(name);
    if (text !== undefined) return text;
  }
  return null;
}

/** `emails`, as Azure AD B2C and SCIM list them. */
function firstOf([first]: readonly unknown[]): unknown {
  return isObject(first) ? (first.value ?? first.email) : first;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

function isObject(value: unknown): value is Parameters {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
