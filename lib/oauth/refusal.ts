import { ProviderError } from "@/lib/errors";
import { blamesWhatWasAsked } from "@/lib/oauth/reading/blamed-part";
import { plainWords } from "@/lib/oauth/reading/plain-words";

/** What is known about a response that is not a success. */
export interface RefusedAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The error code; null: none was given. */
  readonly error: string | null;
  /** The provider's text about it, in any form; null: none. */
  readonly said: string | null;
  /** The body is a web page. */
  readonly isWebPage: boolean;
}

/**
 * - `grant_ended`: the refresh token is useless; only a new consent helps
 * - `client_refused`: it does not accept the client's credentials
 * - `refused`: a 4xx that does not say which of the two, or something else
 * - `outage`: a problem that says nothing about the token or the client, and may pass
 */
export interface Refusal {
  readonly verdict: "grant_ended" | "client_refused" | "refused" | "outage";
  readonly reason:
    | "code"
    | "words"
    | "status"
    | "overloaded"
    | "server_error"
    | "web_page"
    | "not_refused";
}

/** RFC 6749 §5.2 and OpenID Connect Core §3.1.2.6, and Slack's. Codes that name a token are recognized by words. */
const GRANT_ENDED: ReadonlySet<string> = new Set([
  "invalid_grant",
  "account_inactive",
  "interaction_required",
  "consent_required",
  "login_required",
]);

const CLIENT_REFUSED: ReadonlySet<string> = new Set([
  "invalid_client",
  "incorrect_client_credentials",
  "bad_client_secret",
  "invalid_client_id",
  "invalid_client_secret",
]);

/** Timeout, Too Early, Too Many Requests, and statuses of intermediaries. */
const PASSING: ReadonlySet<number> = new Set([407, 408, 421, 425, 429]);
/** Conflict and Locked: another request for the same token is under way, unless the answer says more. */
const BUSY_WITH_IT: ReadonlySet<number> = new Set([409, 423]);

/**
 * Whatever the status: limits, and problems that the server calls its own. ServiceNow says `server_error` of a token
 * that it does not accept, with `access_denied` beside it.
 */
const TROUBLE =
  /\b(rate.?limit\w*|rate exceeded|too many(?! (refresh |access )?tokens)|slow.?down|throttl\w+|temporar(y|ily)|transient|unavailable|overload\w*|(server|internal|fatal) (error|failure)(?! (access denied|unauthorized|forbidden))|maintenance|bad gateway|unreachable|upstream|econn\w+|(fetch|connection|connect) (failed|refused|reset))\b/;
/** The same, unless the text also says that the grant is over: `Session expired. Sign in and try again.` */
const PERHAPS_TROUBLE =
  /\b(quota|(try|retry|retried)( \w+){0,2} (again|later|request)|retry|timed? ?out|concurrent\w*|simultaneous\w*|in progress|being processed|busy|access ?limited)\b/;
/** Only a person can do that. */
const ASKS_PERSON =
  /\b(sign|log) ?(in|on)\b|\bre ?(login|log ?in|authenticat\w+|authori[sz]\w+|consent\w*|connect\w*)\b|\b(authenticat|authori[sz])\w+ again\b/;

const OVER =
  "invalid|invalidated|expired|revoked|inactive|unknown|unrecogni[sz]ed|unregistered|not found|not valid|not active|not recogni[sz]ed|not registered(?! (a|any|the|this|that|for|to|with|redirect|callback)\\b)|not exist|no longer|already (been )?(used|redeemed|consumed)|been (used|redeemed|consumed)|reused?|consumed|malformed|bad|disabled|deactivated|deleted|removed|blacklisted|blocked|withdrawn|cancell?ed|terminated|ended|dead|stale";
/** Of things that can also be invalid by themselves, such as an authorization header, only their ending counts. */
const ENDED =
  "invalidated|expired|revoked|inactive|not active|no longer|disabled|deleted|removed|withdrawn|cancell?ed|terminated|ended|suspended|deactivated|locked|denied by the user|timed out";
/** Of users, accounts and sessions: `User is banned`, `session not found`. A firewall blocks access, not a user. */
const GONE = `${ENDED}|banned|blocked|barred|unknown|not found|not exist|not recogni[sz]ed`;
/** Of a token and nothing else. */
const TOKEN_OVER = `${OVER}|rotated|superseded|replaced|rejected|denied|unusable|not usable|not accepted|incorrect|wrong|illegal|corrupt(ed)?|non ?existent|lapsed|void(ed)?|destroyed|too old|exceeded|outdated|obsolete|mismatch(ed)?|replay(ed)?|failed`;
/** Not a form's or a client's: `csrf token`, `id token`, `client session`. */
const NOT_ANOTHERS =
  "(?<!\\b(csrf|xsrf|id|client|api|security|verification|captcha|assertion|device) )";
const TOKEN = `${NOT_ANOTHERS}(refresh ?|access ?|oauth ?|bearer ?)?(token|grant)s?`;
const GRANT = `${NOT_ANOTHERS}(session|consent|access|authori[sz]ation|account|user|organi[sz]ation)s?`;
const HOLDER = `${NOT_ANOTHERS}(session|account|user)s?`;
/** It is about the request or an endpoint rather than the token. */
const NOT_OF_REQUEST =
  "(?! (requests?|endpoint|type|responses?|parameters?|code|url|uri|header|server|format|exchange|agent))";
const BETWEEN =
  "( (is|are|was|were|has|have|had|been|being|does|do|did|could|can|or|already|either|provided|supplied|given|passed|it|that|you|for|by|this|the|client|which|and|a|its|maximum|lifetime|signature|family|validation|value|presented|specified|sent|using|requested|requesting)\\b)*";
const BEFORE =
  "( (or|and|missing|(value|parameter)( for( parameter)?)?|the|this|its|your|provided|supplied|given|oauth2?|user|users|of|their))*";
const inState = (what: string, over: string) =>
  `\\b(${over})( or (${over}))*${BEFORE} ${what}\\b${NOT_OF_REQUEST}|\\b${what}\\b${NOT_OF_REQUEST}${BETWEEN} (${over})\\b`;
/** A token for another key or another client: `Cannot verify the refresh token`, `token was not issued to you`. */
const READ =
  "verif(y|ied)|decrypt(ed)?|decod(e|ed)|pars(e|ed)|validat(e|ed)|f(i|ou)nd|locat(e|ed)|match(ed)?|recogni[sz](e|ed)|load(ed)?|read|resolv(e|ed)";
const CANNOT = `(cannot|can not|could not|couldnt|cant|unable to|failed to)( be)? (${READ})`;
const NOT_YOURS =
  "(does not|doesnt|did not|is not|isnt|was not|wasnt) (belong|match|issued|linked|bound|associated|assigned|for this client)|(was |been )?(issued|belongs) (to|for) (another|a different|an other)";
const UNUSABLE = `\\b${CANNOT}${BEFORE} ${TOKEN}\\b${NOT_OF_REQUEST}|\\b${TOKEN}\\b( (${CANNOT}|${NOT_YOURS})\\b)`;
const NO_SUCH = `\\bno (such|matching|valid|active) ${TOKEN}\\b|\\bno ${TOKEN} (was |were |could be )?(found|exists?)\\b(?! in (the |your )?(request|header|body))`;
/** The person took the consent back by removing the app. */
const UNINSTALLED =
  "\\b(app|application|integration)( \\w+){0,2} (uninstalled|not installed|deauthori[sz]ed)\\b|\\buninstalled (the|this|your) (app|application|integration)\\b";
const GRANT_IS_OVER = new RegExp(
  [
    inState(TOKEN, TOKEN_OVER),
    inState(GRANT, ENDED),
    inState(HOLDER, GONE),
    UNUSABLE,
    NO_SUCH,
    UNINSTALLED,
  ].join("|"),
);
/** `Please re-authorize`, `reauthentication_required`: whatever is wrong, a consent mends it. */
const NEEDS_CONSENT =
  /\b(please|must|needs? to|has to|have to|should) (re ?(authenticate|authori[sz]e|consent|connect|log ?in)|(authenticate|authori[sz]e|connect|log ?in|sign ?in)( \w+){0,3} again)\b|\bre ?(authentication|authori[sz]ation|auth|consent|connection|login) (is )?(required|needed)\b/;
const CLIENT =
  "(oauth2? |api )?(client|application|app)( (secret|credential|id|key|authentication|application|app)s?)*( with( the| this)?( client)? (id|identifier|name))?";
/** `The server could not find the client`, `client ID could not be found`. */
const CLIENT_NOT_FOUND = `\\b((cannot|can not|could not|couldnt|cant|unable to|failed to|does not|doesnt|did not|didnt) (find|locate|recogni[sz]e))${BEFORE} ${CLIENT}\\b${NOT_OF_REQUEST}|\\b${CLIENT} (cannot|can not|could not|couldnt|cant) be (found|located|recogni[sz]ed)\\b`;
/** About the credentials themselves: sent in another way they are equally invalid. */
const CREDENTIALS_ENDED = new RegExp(
  inState(
    "((client|application|app) )?(secret|credential|key)s?( (for|of) (the )?(client|application|app)( \\w+){0,6})?",
    ENDED,
  ),
);
/** Of no one in particular, at a token endpoint the client's: Spring's `Bad credentials`. */
const CREDENTIALS_REFUSED =
  "(?<!\\b(user|owner) )\\b(bad|invalid|incorrect|wrong|unauthori[sz]ed) credentials?\\b|\\bclient authentication (has )?failed\\b|\\bsecret hash\\b";
/** `Client secret has expired`, `unknown client`, `invalid client credentials`. */
const CLIENT_IS_OVER = new RegExp(
  [inState(CLIENT, `${OVER}|suspended`), CLIENT_NOT_FOUND, CREDENTIALS_REFUSED].join("|"),
);
/**
 * The request lacks something: that is Usher's fault, and says nothing about the token. `Missing or invalid refresh
 * token` is said of a token that was sent.
 */
const LACKING = new RegExp(
  `\\bmissing\\b(?! ((or|and) )?(${OVER})\\b)(?<!\\b(${OVER}) (or|and) missing)|\\b(required|must (be|have|contain)|mandatory|not (provided|supplied|present))\\b`,
);

/**
 * Decides what a token endpoint's refusal means. An outage mistaken for a revocation costs every
 * person a consent, and a revocation mistaken for an outage leaves a person waiting forever: so an
 * overloaded or broken server is never believed, and a refusal's text counts as well as its code.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function classifyRefusal({ status, error, said, isWebPage }: RefusedAnswer): Refusal {
  if (status >= 500) return { verdict: "outage", reason: "server_error" };
  if (PASSING.has(status)) return { verdict: "outage", reason: "overloaded" };
  const code = plainWords(error);
  const words = `${code} ${plainWords(said)}`;
  const known = code.replaceAll(" ", "_");
  const isOver = (text: string) => GRANT_IS_OVER.test(text) && !LACKING.test(text);
  // Salesforce refuses a second refresh at the same time with invalid_grant, so that code alone says nothing here.
  const told = GRANT_ENDED.has(known) ? plainWords(said) : words;
  const mayPass = PERHAPS_TROUBLE.test(words) && !isOver(told) && !ASKS_PERSON.test(words);
  if (TROUBLE.test(words) || mayPass) return { verdict: "outage", reason: "overloaded" };
  if (GRANT_ENDED.has(known)) return { verdict: "grant_ended", reason: "code" };
  if (isOver(words)) return { verdict: "grant_ended", reason: "words" };
  if (BUSY_WITH_IT.has(status)) return { verdict: "outage", reason: "overloaded" };
  if (blamesWhatWasAsked(error, said)) return { verdict: "refused", reason: "words" };
  if (CLIENT_REFUSED.has(known)) return { verdict: "client_refused", reason: "code" };
  if (CLIENT_IS_OVER.test(words)) return { verdict: "client_refused", reason: "words" };
  if (!isWebPage && NEEDS_CONSENT.test(words)) return { verdict: "grant_ended", reason: "words" };
  // A firewall's page or line, or another server's: it says nothing about the token.
  if (isWebPage && status !== 400) return { verdict: "outage", reason: "web_page" };
  if (status >= 400) return { verdict: "refused", reason: "status" };
  // Slack and GitHub refuse with 200. Without a code it is an unreadable response.
  if (error !== null) return { verdict: "refused", reason: "code" };
  return { verdict: "outage", reason: "not_refused" };
}

/** Whether a text says that a client or its credentials are not, or no longer, known. */
export function saysClientIsOver(error: string | null, said: string | null): boolean {
  if (blamesWhatWasAsked(error, said)) return false;
  const words = `${plainWords(error)} ${plainWords(said)}`;
  return CLIENT_IS_OVER.test(words) && !LACKING.test(words) && !TROUBLE.test(words);
}

export function isClientRefused(error: unknown): boolean {
  return error instanceof ProviderError && classifyRefusal(error).verdict === "client_refused";
}

/** Whether the provider says that the client's secret has expired or was revoked, rather than that it is wrong. */
export function hasSecretEnded(error: unknown): boolean {
  return (
    error instanceof ProviderError &&
    CREDENTIALS_ENDED.test(`${plainWords(error.error)} ${plainWords(error.said)}`)
  );
}

/** It responded and granted nothing, and says nothing about the grant: what was sent can be sent again. */
export function isRefused(error: unknown): boolean {
  return (
    error instanceof ProviderError &&
    ["client_refused", "refused"].includes(classifyRefusal(error).verdict)
  );
}
