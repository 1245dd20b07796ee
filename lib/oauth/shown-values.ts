import { scopeTokens } from "@/lib/oauth/scope";
import { parseUrl } from "@/lib/parse-url";

/** The displayed text of a value; null: not one that its name allows. */
type Rule = (value: unknown) => string | null;

const oneOf =
  (...allowed: readonly string[]): Rule =>
  (value) =>
    typeof value === "string" && allowed.includes(value) ? value : null;

const number: Rule = (value) => {
  const told = typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof told === "number" && Number.isFinite(told) && Math.abs(told) < 1e12
    ? String(told)
    : null;
};

const boolean: Rule = (value) => (typeof value === "boolean" ? String(value) : null);

/** Scheme, host and path: a query may contain anything. */
const address: Rule = (value) => {
  const url = typeof value === "string" ? parseUrl(value) : null;
  if (!url) return null;
  const { protocol, host, pathname } = url;
  if (!/^https?:$/.test(protocol)) return null;
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
};

const addresses: Rule = (value) => {
  const shown = Array.isArray(value) ? value.map(address) : [];
  return shown.length > 0 && shown.every((each) => each !== null) ? shown.join(" ") : null;
};

/** RFC 6749 §3.3; some providers answer with a list. */
const scope: Rule = (value) => {
  const tokens = scopeTokens(typeof value === "string" ? value.split(/[\s,]+/) : asList(value));
  return tokens.length > 0 ? tokens.join(" ") : null;
};

const clientId: Rule = (value) =>
  typeof value === "string" && /^[\x21-\x7e]{1,300}$/.test(value) ? value : null;

const listOf =
  (...allowed: readonly string[]): Rule =>
  (value) => {
    const shown = asList(value).filter((each) => allowed.includes(String(each)));
    return shown.length > 0 && shown.length === asList(value).length ? shown.join(" ") : null;
  };

const authMethods = ["client_secret_basic", "client_secret_post", "none"];
const grantTypes = [
  ...["authorization_code", "refresh_token", "client_credentials"],
  "urn:ietf:params:oauth:grant-type:token-exchange",
  "urn:ietf:params:oauth:grant-type:jwt-bearer",
];
/** RFC 8693 §3, and the identity assertion of Enterprise-Managed Authorization. */
const tokenTypes = [
  "urn:ietf:params:oauth:token-type:access_token",
  "urn:ietf:params:oauth:token-type:refresh_token",
  "urn:ietf:params:oauth:token-type:id_token",
  "urn:ietf:params:oauth:token-type:id-jag",
  "urn:ietf:params:oauth:token-type:jwt",
];

/** Parameters that Usher sends, or that a browser brings back. */
const requestRules: Readonly<Record<string, Rule>> = {
  response_type: oneOf("code"),
  grant_type: oneOf(...grantTypes),
  code_challenge_method: oneOf("S256"),
  requested_token_type: oneOf(...tokenTypes),
  subject_token_type: oneOf(...tokenTypes),
  requested_token_use: oneOf("on_behalf_of"),
  token_type_hint: oneOf("access_token", "refresh_token"),
  // Public by RFC 6749 §2.2, and chosen by this installation's admin.
  client_id: clientId,
  redirect_uri: address,
  resource: address,
  audience: address,
  iss: address,
  scope,
  access_type: oneOf("offline", "online"),
  token_access_type: oneOf("offline", "online", "legacy"),
  prompt: (value) =>
    listOf(
      "none",
      "login",
      "consent",
      "select_account",
    )(typeof value === "string" ? value.split(" ") : value),
  redirect_uris: addresses,
  client_uri: address,
  token_endpoint_auth_method: oneOf(...authMethods),
  grant_types: listOf(...grantTypes),
  response_types: listOf("code"),
  client_name: oneOf("Usher"),
};

/** Fields of a response. Another party's ID is not shown: it may be anything. */
const answerRules: Readonly<Record<string, Rule>> = {
  token_type: oneOf("Bearer", "bearer", "BEARER", "mac", "MAC", "DPoP", "bot", "user", "N_A"),
  issued_token_type: oneOf(...tokenTypes),
  expires_in: number,
  ext_expires_in: number,
  refresh_expires_in: number,
  refresh_token_expires_in: number,
  client_id_issued_at: number,
  client_secret_expires_at: number,
  ok: boolean,
  scope,
  token_endpoint_auth_method: oneOf(...authMethods),
  grant_types: listOf(...grantTypes),
  response_types: listOf("code"),
  redirect_uris: addresses,
};

/** Known names, so that their presence can be shown; their values are never kept. */
const NEVER_SHOWN = [
  ...["code", "state", "code_verifier", "code_challenge", "nonce", "session_state"],
  ...["client_secret", "client_assertion", "client_assertion_type", "token"],
  ...["assertion", "subject_token", "actor_token", "actor_token_type"],
  ...["access_token", "refresh_token", "id_token", "registration_access_token"],
  ...["error", "error_description", "error_uri", "error_codes", "message", "status"],
  ...["registration_client_uri", "software_statement", "logo_uri", "application_type"],
  ...["authed_user", "team", "enterprise", "bot_user_id", "app_id", "account_id", "uid", "user"],
  ...[
    "workspace_id",
    "workspace_name",
    "bot_id",
    "owner",
    "instance_url",
    "issued_at",
    "signature",
  ],
  ...["sub", "email", "email_verified", "name", "preferred_username", "username", "active"],
  ...["hd", "authuser", "hub_domain", "correlation_id", "trace_id", "timestamp", "suberror"],
];
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(requestRules),
  ...Object.keys(answerRules),
  ...NEVER_SHOWN,
]);

/** A name from outside can be a secret just like a value. */
export function isKnownName(name: string): boolean {
  return KNOWN.has(name);
}

export function requestValue(name: string, value: unknown): string | null {
  return ruled(requestRules, name, value);
}

export function answerValue(name: string, value: unknown): string | null {
  return ruled(answerRules, name, value);
}

function ruled(rules: Readonly<Record<string, Rule>>, name: string, value: unknown): string | null {
  return Object.hasOwn(rules, name) ? (rules[name]?.(value) ?? null) : null;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
