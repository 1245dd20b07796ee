import type { ExchangeNames, ExchangeRule } from "./refusal-rule";

const signInAgain = ({ idp }: ExchangeNames) =>
  `The sign-in at ${idp} is over. Sign out of Usher and sign in again.`;
const strongerSignIn = ({ idp }: ExchangeNames) =>
  `${idp} asks for a stronger sign-in, such as multi-factor authentication. Sign out of Usher and sign in again.`;
const unknownScope = ({ idp, server }: ExchangeNames) =>
  `${idp} does not allow one of the scopes for ${server}. Ask an admin to check the scopes on the server's page, and which ones ${idp} allows Usher.`;
const unknownTarget = ({ idp, server }: ExchangeNames) =>
  `${idp} has no connection from Usher to ${server}. Ask an admin to add it there; in Okta it is called a resource connection, or Cross App Access.`;
const notAssigned = ({ idp, server }: ExchangeNames) =>
  `${idp} does not let this person use ${server}. An admin of ${idp} assigns them.`;
const otherAudience = ({ idp }: ExchangeNames) =>
  `The sign-in at ${idp} is for another application than Usher. Ask an admin to make Usher's client an audience of its tokens there.`;
const exchangeOff = ({ idp }: ExchangeNames) =>
  `${idp} does not let Usher exchange sign-ins. Ask an admin to allow token exchange for Usher's client there.`;

/**
 * Entra's numbers come first, as one code covers many of them.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const entra: readonly ExchangeRule[] = [
  {
    says: /\bAADSTS(65001|65004|90094|90008)\b/,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${idp} needs an admin's consent before Usher may use ${server} for people. Ask an admin to grant it under API permissions of Usher's app registration.`,
  },
  { says: /\bAADSTS50013\b.*\bexpired\b/i, verdict: "sign_in_again", reason: signInAgain },
  {
    says: /\bAADSTS(500131|50013|50027)\b/,
    verdict: "refused",
    reason: ({ idp }) =>
      `The sign-in at ${idp} is for another application than Usher. Ask an admin to set OIDC_SCOPE to a scope that Usher's own app registration exposes, such as api://usher/access.`,
  },
  {
    says: /\bAADSTS(50076|50078|50079|50072|50158)\b/,
    verdict: "sign_in_again",
    reason: strongerSignIn,
  },
  {
    says: /\bAADSTS5300\d\b/,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `A Conditional Access policy of ${idp} blocks ${server} for this person. An admin of ${idp} looks it up in the sign-in log.`,
  },
  { says: /\bAADSTS(50105|50057|50034|50020)\b/, verdict: "refused", reason: notAssigned },
  { says: /\bAADSTS(500011|650057)\b/, verdict: "refused", reason: unknownTarget },
  { says: /\bAADSTS(70011|28000|28002|28003)\b/, verdict: "refused", reason: unknownScope },
  {
    says: /\bAADSTS(7000215|7000222|700016|700027|7000112)\b/,
    verdict: "client_refused",
    reason: ({ idp }) =>
      `${idp} does not accept Usher's client ID or client secret. Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`,
  },
  {
    says: /\bAADSTS(50173|700082|700084|70008|70043|70000|50132|50133|50089)\b/,
    verdict: "sign_in_again",
    reason: signInAgain,
  },
];

/** @see https://www.keycloak.org/securing-apps/token-exchange */
const keycloak: readonly ExchangeRule[] = [
  {
    says: /token exchange is not enabled|^client not allowed to exchange/i,
    verdict: "refused",
    reason: exchangeOff,
  },
  { says: /not within the token audience/i, verdict: "refused", reason: otherAudience },
  {
    says: /requested audience not available|audience not found|client not found for audience/i,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${idp} gives Usher no tokens for the audience of ${server}. Ask an admin to add it to the client scopes of Usher's client there, or correct the audience on the server's page.`,
  },
  {
    says: /permitted scopes not configured|'client_id' is missing in ID-JAG/i,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${idp} is not yet set up to issue ID-JAGs for ${server}. Ask an admin to complete the client of ${server} there.`,
  },
  {
    says: /public client (is )?not allowed|dynamically registered clients/i,
    verdict: "refused",
    reason: ({ idp }) =>
      `${idp} lets only confidential clients that an admin registered exchange sign-ins. Ask an admin to register Usher there as one.`,
  },
];

const clients = ["invalid_client", "invalid_client_id", "invalid_client_secret"] as const;

/**
 * By code. RFC 8693 §2.2.2 reports a bad subject token as `invalid_request`, most providers as `invalid_grant`.
 * @see https://developer.okta.com/docs/guides/xaa-request-token-ex/
 */
const anybody: readonly ExchangeRule[] = [
  {
    codes: clients,
    verdict: "client_refused",
    reason: ({ idp }) =>
      `${idp} does not accept Usher's client ID or client secret. Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`,
  },
  {
    says: /requested_token_type|\bid-jag\b.*\b(not|un)/i,
    verdict: "refused",
    reason: ({ idp }) =>
      `${idp} does not issue the kind of token that Usher asks for. Ask an admin to allow it there: for an ID-JAG Cross App Access must be on, and in Okta OIDC_ISSUER must be the org's own address, without /oauth2/default.`,
  },
  {
    codes: ["interaction_required", "insufficient_user_authentication", "login_required"],
    verdict: "sign_in_again",
    reason: strongerSignIn,
  },
  {
    codes: ["consent_required"],
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${idp} needs an admin's consent before Usher may use ${server} for people. Ask an admin to grant it there.`,
  },
  { codes: ["unauthorized_client"], says: /\bscope/i, verdict: "refused", reason: unknownScope },
  { codes: ["invalid_scope"], verdict: "refused", reason: unknownScope },
  { codes: ["invalid_target"], verdict: "refused", reason: unknownTarget },
  { codes: ["access_denied"], verdict: "refused", reason: notAssigned },
  {
    codes: ["unauthorized_client", "unsupported_grant_type"],
    verdict: "refused",
    reason: exchangeOff,
  },
  {
    codes: ["invalid_request"],
    says: /\b(subject|id|refresh|access)[ _]?token\b.*\b(invalid|expired|revoked|not valid|fail)|invalid (subject|id|refresh|access)[ _]?token|^(invalid token|token (is )?(invalid|expired|revoked))/i,
    verdict: "sign_in_again",
    reason: signInAgain,
  },
  { codes: ["invalid_grant", "invalid_token"], verdict: "sign_in_again", reason: signInAgain },
];

/** For the token endpoint with which people sign in. */
export const identityProviderRules: readonly ExchangeRule[] = [...entra, ...keycloak, ...anybody];
