import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import {
  acceptsIdJags,
  type ExchangeSupport,
  type GrantWithoutConsent,
  grantsWithoutConsent,
} from "@/lib/oauth/exchange/support";
import { listOf, type Parameters, textOf } from "@/lib/oauth/parameters";
import { demandOfServer } from "@/lib/oauth/reading/unmet-demands";
import { scopeTokens } from "@/lib/oauth/scope";
import { parseUrl } from "@/lib/parse-url";
import { shownIdentifier } from "@/lib/untrusted-text";

/** @see https://www.rfc-editor.org/rfc/rfc8414#section-2 */
export interface AuthorizationServerMetadata {
  readonly issuer: string;
  /** Empty: it offers no code flow, so no one can consent there. */
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string | null;
  /** RFC 7591; null: clients are not registered automatically. */
  readonly registrationEndpoint: string | null;
  /** Null: not given. */
  readonly scopesSupported: readonly string[] | null;
  /** Those that Usher can use; empty: none of those that the server accepts. */
  readonly tokenEndpointAuthMethods: readonly TokenEndpointAuthMethod[];
  /**
   * The algorithm with which Usher signs a JWT for it; `none`: it takes none of Usher's. Absent: it lists no JWT by
   * which clients authenticate.
   */
  readonly jwtSignedBy?: "ES256" | "RS256" | "none" | undefined;
  /** It accepts PKCE with S256. */
  readonly supportsS256: boolean;
  /** Every authorization response names its issuer (RFC 9207 §3). */
  readonly issParameterSupported: boolean;
  readonly clientIdMetadataDocumentSupported: boolean;
  /** Whether it accepts an identity provider's word for people (Enterprise-Managed Authorization). */
  readonly acceptsIdJags: ExchangeSupport;
  /** What it demands and Usher does not do, in words after "It". Absent: nothing. */
  readonly unmetDemand?: string;
  /** What else it offers, most suitable first. */
  readonly grantsWithoutConsent: readonly GrantWithoutConsent[];
}

export type ReadAuthorizationServer =
  | { ok: true; server: AuthorizationServerMetadata }
  /** It can be used once an admin has confirmed that both names are one. */
  | {
      ok: false;
      reason: "other_issuer";
      problem: string;
      server: AuthorizationServerMetadata | null;
    }
  | {
      ok: false;
      /** `not_metadata`: a document about something else. */
      reason: "not_metadata" | "no_endpoint" | "no_code_flow";
      /** In words, after "It": "names no …". */
      problem: string;
    };

const CODE = "authorization_code";

/** In our order of preference; a server that holds a secret should use it. */
const AUTH_METHODS: readonly (readonly [name: string, method: TokenEndpointAuthMethod])[] = [
  ["client_secret_basic", "CLIENT_SECRET_BASIC"],
  ["client_secret_post", "CLIENT_SECRET_POST"],
  ["none", "NONE"],
];

/**
 * Reads the metadata that were fetched for `issuer`.
 *
 * The issuer in them must be exactly the requested one: another's metadata would send this
 * issuer's codes to another server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3
 */
export function readAuthorizationServer(
  parameters: Parameters,
  issuer: string,
): ReadAuthorizationServer {
  const named = textOf(parameters, "issuer")?.trim() ?? null;
  const endpoints = ["authorization_endpoint", "token_endpoint"];
  if (named === null && !endpoints.some((each) => Object.hasOwn(parameters, each))) {
    const problem = "is no metadata of an authorization server";
    return { ok: false, reason: "not_metadata", problem };
  }
  if (named === null || !isSameIssuer(named, issuer)) {
    const shown =
      named === null ? "names no issuer" : `names another issuer, “${shownIdentifier(named)}”`;
    const problem = `${shown}, where “${shownIdentifier(issuer)}” was asked for`;
    const isUrl = named !== null && /^https?:$/.test(parseUrl(named)?.protocol ?? "");
    const read = isUrl ? readEndpoints(parameters, named) : null;
    return { ok: false, reason: "other_issuer", problem, server: read?.ok ? read.server : null };
  }
  return readEndpoints(parameters, named);
}

/**
 * `https://h` and `https://h/` are one; another path, spelling or port is not. Responses are still compared with
 * the metadata's own spelling, character for character.
 */
function isSameIssuer(one: string, other: string): boolean {
  if (one === other) return true;
  const url = parseUrl(one);
  return (
    url !== null && one.replace(/\/$/, "") === other.replace(/\/$/, "") && url.pathname === "/"
  );
}

function readEndpoints(
  parameters: Parameters,
  issuer: string,
): Exclude<ReadAuthorizationServer, { reason: "other_issuer" }> {
  const urlOf = (name: string) => endpointOf(parameters, name, issuer);
  const authorizationEndpoint = urlOf("authorization_endpoint");
  const tokenEndpoint = urlOf("token_endpoint");
  if (tokenEndpoint === null) {
    return { ok: false, reason: "no_endpoint", problem: "names no token endpoint" };
  }
  const grants = grantsWithoutConsent(parameters);
  // An empty list says nothing, except of a server that lists other grant types only.
  const isOther = grants.length > 0 && !lists(parameters, "grant_types_supported", CODE, false);
  const isEmpty = Array.isArray(parameters.response_types_supported);
  const hasCodeFlow = lists(parameters, "response_types_supported", "code", !(isOther && isEmpty));
  if (grants.length === 0 && authorizationEndpoint === null) {
    return { ok: false, reason: "no_endpoint", problem: "names no authorization endpoint" };
  }
  if (grants.length === 0 && !hasCodeFlow) {
    return { ok: false, reason: "no_code_flow", problem: "does not offer the code flow" };
  }
  const unmetDemand = demandOfServer(parameters);
  return {
    ok: true,
    server: {
      issuer,
      ...(unmetDemand === null ? {} : { unmetDemand }),
      authorizationEndpoint: hasCodeFlow ? (authorizationEndpoint ?? "") : "",
      tokenEndpoint,
      revocationEndpoint: urlOf("revocation_endpoint"),
      registrationEndpoint: urlOf("registration_endpoint"),
      scopesSupported: scopesOf(parameters),
      tokenEndpointAuthMethods: authMethodsOf(parameters),
      ...jwtSignedBy(parameters),
      // Absent means no PKCE (MCP, Authorization Code Protection).
      supportsS256: lists(parameters, "code_challenge_methods_supported", "S256", false),
      issParameterSupported: isTrue(parameters, "authorization_response_iss_parameter_supported"),
      clientIdMetadataDocumentSupported: isTrue(
        parameters,
        "client_id_metadata_document_supported",
      ),
      acceptsIdJags: acceptsIdJags(parameters),
      grantsWithoutConsent: grants,
    },
  };
}

/**
 * The endpoints of an MCP 2025-03-26 server that publishes nothing: those fixed by that revision.
 *
 * @see https://modelcontextprotocol.io/specification/2025-03-26/basic/authorization#fallbacks-for-servers-without-metadata-discovery
 */
export function defaultAuthorizationServer(serverUrl: string): AuthorizationServerMetadata {
  const { origin } = new URL(serverUrl);
  return {
    issuer: origin,
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    revocationEndpoint: null,
    registrationEndpoint: `${origin}/register`,
    scopesSupported: null,
    tokenEndpointAuthMethods: AUTH_METHODS.map(([, method]) => method),
    // That revision requires PKCE from every server; this one has not declared it.
    supportsS256: false,
    issParameterSupported: false,
    clientIdMetadataDocumentSupported: false,
    acceptsIdJags: "unknown",
    grantsWithoutConsent: [],
  };
}

/** RFC 8414 §2: if the server does not say, it accepts Basic. */
function authMethodsOf(parameters: Parameters): TokenEndpointAuthMethod[] {
  const names = namesIn(parameters, "token_endpoint_auth_methods_supported") ?? [
    "client_secret_basic",
  ];
  return AUTH_METHODS.filter(([name]) => names.includes(name)).map(([, method]) => method);
}

function jwtSignedBy(parameters: Parameters): Pick<AuthorizationServerMetadata, "jwtSignedBy"> {
  if (!lists(parameters, "token_endpoint_auth_methods_supported", "private_key_jwt", false)) {
    return {};
  }
  const takes = (algorithm: string) =>
    lists(parameters, "token_endpoint_auth_signing_alg_values_supported", algorithm, true);
  return { jwtSignedBy: (["ES256", "RS256"] as const).find(takes) ?? "none" };
}

function scopesOf(parameters: Parameters): string[] | null {
  const scopes = listOf(parameters, "scopes_supported");
  return scopes && scopeTokens(scopes);
}

/**
 * Only web URLs: a browser is sent to one of them. A path is relative to the issuer's origin. A fragment, which no
 * endpoint may have (RFC 6749 §3.1), is left out.
 */
function endpointOf(parameters: Parameters, name: string, issuer: string): string | null {
  const value = textOf(parameters, name)?.trim().replace(/#.*$/s, "") ?? "";
  if (/^\/(?![\\/])/.test(value)) return parseUrl(value, issuer)?.href ?? null;
  return parseUrl(value) && /^https?:\/\//i.test(value) ? value : null;
}

function lists(parameters: Parameters, name: string, wanted: string, absent: boolean): boolean {
  return namesIn(parameters, name)?.includes(wanted.toLowerCase()) ?? absent;
}

/** In lower case, as some write them otherwise. Null: no names are given. */
function namesIn(parameters: Parameters, name: string): readonly string[] | null {
  const given = (listOf(parameters, name) ?? []).filter((one) => typeof one === "string");
  const names = given.map((one) => one.trim().toLowerCase()).filter(Boolean);
  return names.length === 0 ? null : names;
}

function isTrue(parameters: Parameters, name: string): boolean {
  return Object.hasOwn(parameters, name) && parameters[name] === true;
}
