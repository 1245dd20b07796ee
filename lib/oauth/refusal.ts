import { ProviderError } from "@/lib/errors";

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
  /\b(rate.?limit\w*|rate exceeded|too many(?! (refresh |access )?tokens)|slow.?down|throttl\w+|temporar(y|ily)|transient|unavailable|overload\w*|(server|internal|fatal) (error|failure)(?! (access denied|unauthorized|forbidden))|maintenance)\b/;
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
/** Of what has an identity of its own: `User is banned`, `session not found`. A firewall blocks access, not a user. */
const GONE = `${ENDED}|banned|blocked|barred|unknown|not found|not exist|not recogni[sz]ed`;
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
  "( (is|are|was|were|has|have|had|been|being|does|do|did|could|can|or|already|either|provided|supplied|given|passed|it|that|you|for|by|this|the|client|which|and|presented|specified|sent|using|requested|requesting)\\b)*";
const BEFORE =
  "( (or|and|missing|the|this|its|your|provided|supplied|given|oauth2?|user|users|of|their))*";
const inState = (what: string, over: string) =>
  `\\b(${over})( or (${over}))*${BEFORE} ${what}\\b${NOT_OF_REQUEST}|\\b${what}\\b${NOT_OF_REQUEST}${BETWEEN} (${over})\\b`;
/** A token for another key or another client: `Cannot verify the refresh token`, `token was not issued to you`. */
const READ =
  "verif(y|ied)|decrypt(ed)?|decod(e|ed)|pars(e|ed)|validat(e|ed)|f(i|ou)nd|locat(e|ed)|match(ed)?|recogni[sz](e|ed)|load(ed)?|read|resolv(e|ed)";
const CANNOT = `(cannot|can not|could not|couldnt|cant|unable to|failed to)( be)? (${READ})`;
const NOT_YOURS =
  "(does not|doesnt|did not|is not|isnt|was not|wasnt) (belong|match|issued|linked|bound|associated|assigned|for this client)|(was |been )?issued (to|for) (another|a different|an other)";
const UNUSABLE = `\\b${CANNOT}${BEFORE} ${TOKEN}\\b${NOT_OF_REQUEST}|\\b${TOKEN}\\b( (${CANNOT}|${NOT_YOURS})\\b)`;
const GRANT_IS_OVER = new RegExp(
  [inState(TOKEN, OVER), inState(GRANT, ENDED), inState(HOLDER, GONE), UNUSABLE].join("|"),
);
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
  const code = plain(error);
  const words = `${code} ${plain(said)}`;
  const known = code.replaceAll(" ", "_");
  const isOver = (text: string) => GRANT_IS_OVER.test(text) && !LACKING.test(text);
  // Salesforce refuses a second refresh at the same time with invalid_grant, so that code alone says nothing here.
  const told = GRANT_ENDED.has(known) ? plain(said) : words;
  const mayPass = PERHAPS_TROUBLE.test(words) && !isOver(told) && !ASKS_PERSON.test(words);
  if (TROUBLE.test(words) || mayPass) return { verdict: "outage", reason: "overloaded" };
  if (GRANT_ENDED.has(known)) return { verdict: "grant_ended", reason: "code" };
  if (isOver(words)) return { verdict: "grant_ended", reason: "words" };
  if (BUSY_WITH_IT.has(status)) return { verdict: "outage", reason: "overloaded" };
  const blamed = blamedPart(error, said);
  if (blamed === "scope" || blamed === "resource") return { verdict: "refused", reason: "words" };
  if (CLIENT_REFUSED.has(known)) return { verdict: "client_refused", reason: "code" };
  if (CLIENT_IS_OVER.test(words)) return { verdict: "client_refused", reason: "words" };
  // A firewall's page or line, or another server's: it says nothing about the token.
  if (isWebPage && status !== 400) return { verdict: "outage", reason: "web_page" };
  if (status >= 400) return { verdict: "refused", reason: "status" };
  // Slack and GitHub refuse with 200. Without a code it is an unreadable response.
  if (error !== null) return { verdict: "refused", reason: "code" };
  return { verdict: "outage", reason: "not_refused" };
}

const SCOPE_REFUSED =
  /\b(invalid|unknown|unsupported|malformed) scopes?\b|\bscopes?\b( \w+){0,4} (not exist|doesnt exist|not (allowed|granted|permitted|supported|valid|authori[sz]ed|found)|invalid|unknown|unsupported)\b/;
/** Doorkeeper's sentence for any invalid grant mentions a “redirection URI”, and is not about it. */
const REDIRECT_REFUSED =
  /\bredirect ?ur[il]s? mismatch\b|\b(invalid|incorrect|wrong|mismatch\w*|unregistered|unknown|bad) redirect ?ur[il]s?\b|\bredirect ?ur[il]s?\b( \w+){0,4} (not (match|registered|allowed|valid|permitted|whitelisted|in the list)|doesnt match|must match|mismatch\w*|invalid|incorrect|wrong|unknown)\b/;
const RESOURCE_REFUSED =
  /\b(invalid|unknown|unsupported) (resource|target)\b|\b(resource|audience)( request)? (parameter|indicator)\b( \w+){0,5} (not (supported|allowed|permitted|valid|recogni[sz]ed|match)|doesnt match|invalid|unknown|unsupported)\b/;

/**
 * The part of the request that a refusal is about, whatever its code: Entra answers `invalid_client` for a scope that
 * does not exist. Null: it names none.
 */
export function blamedPart(
  error: string | null,
  said: string | null,
): "scope" | "resource" | "redirect" | null {
  const words = `${plain(error)} ${plain(said)}`;
  if (RESOURCE_REFUSED.test(words)) return "resource";
  if (SCOPE_REFUSED.test(words)) return "scope";
  return REDIRECT_REFUSED.test(words) ? "redirect" : null;
}

/** In words, after the provider's name. */
export const blamedWords = {
  scope:
    "does not know one of the scopes, or does not grant it. Ask an admin to check the scopes on the server's page.",
  resource:
    "does not know this MCP server as a resource. Ask an admin to turn the resource indicator off on the server's page.",
  redirect:
    "does not know Usher's callback URL. Ask an admin to register the URL that the server's page shows, exactly as it is there.",
} as const;

/** A quoted text with one of these words is a term or a sentence; any other is somebody's identifier. */
const MEANT =
  /token|grant|session|consent|access|account|user|client|app|secret|credential|key|scope|resource|audience|parameter/i;
const QUOTED = /(?<![\p{L}\p{N}])(["'`])([^"'`]{1,200})\1(?![\p{L}\p{N}])|[“‘]([^”’]{1,200})[”’]/gu;
/** A UUID or the like without quotes. */
const BARE = /(?<![\w-])(?=[\w-]*\d)[\w-]{8,}(?![\w-])/g;
/** `TOO_MANY_REQUESTS_429`, `AADSTS700016`: a code. */
const CODE = /^[a-z]+([_-][a-z]+)*[_-]?\d*$/i;

/** `Client ID '4f0c…' not found` says the same with and without the identifier. */
function withoutIdentifiers(text: string): string {
  const isTerm = (quoted: string) =>
    MEANT.test(quoted) && (/\s/.test(quoted) || !/\d|:\/\//.test(quoted));
  return text
    .replace(QUOTED, (whole: string, _quote, quoted = "", typographic = "") =>
      isTerm(quoted || typographic) ? whole : " ",
    )
    .replace(BARE, (run) => (MEANT.test(run) || CODE.test(run) ? run : " "));
}

/** `RefreshTokenExpired`, `refresh_token-expired` and “refresh token expired” are the same. */
function plain(text: string | null): string {
  return withoutIdentifiers((text ?? "").slice(0, 500))
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Whether a text says that a client or its credentials are not, or no longer, known. */
export function saysClientIsOver(error: string | null, said: string | null): boolean {
  const blamed = blamedPart(error, said);
  if (blamed === "scope" || blamed === "resource") return false;
  const words = `${plain(error)} ${plain(said)}`;
  return CLIENT_IS_OVER.test(words) && !LACKING.test(words) && !TROUBLE.test(words);
}

export function isClientRefused(error: unknown): boolean {
  return error instanceof ProviderError && classifyRefusal(error).verdict === "client_refused";
}

/** Whether the provider says that the client's secret has expired or was revoked, rather than that it is wrong. */
export function hasSecretEnded(error: unknown): boolean {
  return (
    error instanceof ProviderError &&
    CREDENTIALS_ENDED.test(`${plain(error.error)} ${plain(error.said)}`)
  );
}

/** It responded and granted nothing, and says nothing about the grant: what was sent can be sent again. */
export function isRefused(error: unknown): boolean {
  return (
    error instanceof ProviderError &&
    ["client_refused", "refused"].includes(classifyRefusal(error).verdict)
  );
}
