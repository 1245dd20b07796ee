import { listOf, type Parameters } from "@/lib/oauth/parameters";

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

/** `unknown`: it does not say, so that only an admin or an attempt can tell. */
export type ExchangeSupport = "yes" | "no" | "unknown";

/**
 * Whether an MCP server's authorization server says that it accepts ID-JAGs. The grant type alone says little, as
 * JWTs have other uses there.
 *
 * @param metadata RFC 8414
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/ §7.2
 */
export function acceptsIdJags(metadata: Parameters): ExchangeSupport {
  return told(
    listOf(metadata, "authorization_grant_profiles_supported"),
    "urn:ietf:params:oauth:grant-profile:id-jag",
    listOf(metadata, "grant_types_supported"),
    jwtBearer,
  );
}

/**
 * Whether an identity provider says that it issues ID-JAGs.
 *
 * @param metadata its openid-configuration
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/ §7.1
 */
export function issuesIdJags(metadata: Parameters): ExchangeSupport {
  return told(
    listOf(metadata, "identity_chaining_requested_token_types_supported"),
    "urn:ietf:params:oauth:token-type:id-jag",
    listOf(metadata, "grant_types_supported"),
    tokenExchange,
  );
}

/** Grant types that a server may offer instead of the code flow. */
export type GrantWithoutConsent = "ID_JAG" | "CLIENT_CREDENTIALS" | "TOKEN_EXCHANGE";

/**
 * How Usher can get tokens if no one consents, most suitable first. A server that offers nothing else needs no
 * authorization endpoint.
 *
 * @param metadata RFC 8414
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-2
 */
export function grantsWithoutConsent(metadata: Parameters): GrantWithoutConsent[] {
  const names = listOf(metadata, "grant_types_supported") ?? [];
  const assertion = acceptsIdJags(metadata);
  const offered: readonly [GrantWithoutConsent, boolean][] = [
    ["ID_JAG", assertion === "yes"],
    ["CLIENT_CREDENTIALS", names.includes("client_credentials")],
    // JWTs have other uses, so client credentials come first.
    ["ID_JAG", assertion === "unknown" && names.includes(jwtBearer)],
    ["TOKEN_EXCHANGE", names.includes(tokenExchange)],
  ];
  return offered.flatMap(([grant, isOffered]) => (isOffered ? [grant] : []));
}

/** RFC 8414 has a default for unlisted grant types, which would be wrong for nearly every provider. */
function told(
  profiles: readonly unknown[] | null,
  profile: string,
  grantTypes: readonly unknown[] | null,
  grantType: string,
): ExchangeSupport {
  if (profiles !== null) return profiles.includes(profile) ? "yes" : "no";
  return grantTypes === null || grantTypes.includes(grantType) ? "unknown" : "no";
}
