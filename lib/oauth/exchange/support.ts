import { listOf, type Parameters } from "@/lib/oauth/parameters";

/** `unknown`: it does not say, so that only an admin or a try can tell. */
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
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
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
    "urn:ietf:params:oauth:grant-type:token-exchange",
  );
}

/** RFC 8414 has a default for grant types that are not listed, by which nearly every provider would lie. */
function told(
  profiles: readonly unknown[] | null,
  profile: string,
  grantTypes: readonly unknown[] | null,
  grantType: string,
): ExchangeSupport {
  if (profiles !== null) return profiles.includes(profile) ? "yes" : "no";
  return grantTypes === null || grantTypes.includes(grantType) ? "unknown" : "no";
}
