import type { ExchangeNames, ExchangeRule } from "./refusal-rule";

const assertionsOff = ({ server }: ExchangeNames) =>
  `${server} does not let Usher's client present ID-JAGs. Its admins allow that for the client: Auth0 calls it Cross App Access, Keycloak JWT Authorization Grant.`;
const distrusts = ({ idp, server }: ExchangeNames) =>
  `${server} does not trust ${idp}. Its admins add ${idp} as an identity provider for Cross App Access.`;
const unknownPerson = ({ server }: ExchangeNames) =>
  `${server} knows no account of this person. They sign in there once, or its admins add them.`;

/**
 * A refusal here is never the person's to fix: the identity provider admitted them a moment ago. Everything
 * wrong with an ID-JAG is `invalid_grant` (RFC 7521 §4.1), so most cases are distinguished by the text.
 *
 * @see https://auth0.com/docs/api/authentication/cross-app-access/get-token
 * @see https://www.keycloak.org/securing-apps/jwt-authorization-grant
 */
export const authorizationServerRules: readonly ExchangeRule[] = [
  {
    codes: ["invalid_client", "invalid_client_id", "invalid_client_secret"],
    verdict: "client_refused",
    reason: ({ server }) =>
      `${server} does not accept Usher's client ID or client secret. Ask an admin to check both, and the client authentication method, on the server's page.`,
  },
  {
    says: /authorization grant is not (supported|enabled|allowed)|public client not allowed|cross app access.*(disabled|not enabled)/i,
    verdict: "refused",
    reason: assertionsOff,
  },
  {
    says: /no identity provider for|identity provider is not allowed|\b(no|unknown|invalid|untrusted) (connection|issuer)\b|\b(connection|issuer)\b.*\b(not (found|trusted|enabled|allowed|known)|unknown|mismatch|invalid|disabled)/i,
    verdict: "refused",
    reason: distrusts,
  },
  {
    says: /\b(jti|reuse[d]?|replay\w*|used before|already (been )?used)\b/i,
    // The next try sends a new one.
    verdict: "outage",
    reason: ({ server }) =>
      `${server} says that it has seen this ID-JAG before. Usher asks for a new one next time.`,
  },
  {
    says: /\b(expired?|not active|not yet valid|in the future|"?(iat|exp|nbf)"?)\b/i,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${server} finds the ID-JAG expired or not yet valid. Its admins and those of ${idp} compare their clocks, and how long ID-JAGs are valid.`,
  },
  {
    says: /\b(signature|jwks|signing key|kid)\b/i,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${server} cannot verify what ${idp} signs. Its admins check the keys (JWKS URL) of ${idp} there.`,
  },
  {
    says: /\b(aud|audience)\b/i,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${idp} issued the ID-JAG for another authorization server. Ask an admin to compare the issuer of ${server} on the server's page with the connection in ${idp}.`,
  },
  {
    says: /\bclient_?id\b|\b(another|different|wrong|other) client\b|client.*mismatch/i,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `The ID-JAG names another client than Usher uses at ${server}. Ask an admin to enter Usher's client ID at ${server} into the connection in ${idp}.`,
  },
  {
    codes: ["access_denied"],
    verdict: "refused",
    reason: ({ server }) =>
      `${server} does not let this person in. Its admins give them access there.`,
  },
  {
    says: /\b(user|account|member|person|subject|somebody|email)\b.*\b(not|no|unknown|missing|invalid|disabled)\b|\b(unknown|no|invalid|missing) (user|account|member|person|subject)\b/i,
    verdict: "refused",
    reason: unknownPerson,
  },
  {
    codes: ["invalid_target"],
    verdict: "refused",
    reason: ({ server }) =>
      `${server} does not know this MCP server as a resource. Ask an admin to check the resource on the server's page.`,
  },
  {
    says: /\bresource\b/i,
    verdict: "refused",
    reason: ({ idp, server }) =>
      `The ID-JAG is for another MCP server than ${server} knows. Ask an admin to compare the resource on the server's page with the connection in ${idp}.`,
  },
  {
    codes: ["invalid_scope"],
    verdict: "refused",
    reason: ({ server }) =>
      `${server} does not know one of the scopes, or does not grant it. Ask an admin to check the scopes on the server's page.`,
  },
  { codes: ["unauthorized_client"], verdict: "refused", reason: assertionsOff },
  {
    codes: ["unsupported_grant_type"],
    verdict: "refused",
    reason: ({ server }) =>
      `${server} accepts no ID-JAGs. Ask an admin to request Enterprise-Managed Authorization from its provider, or to choose another Token Sharing on the server's page.`,
  },
  {
    codes: ["interaction_required", "insufficient_user_authentication", "login_required"],
    verdict: "sign_in_again",
    reason: ({ server }) =>
      `${server} asks for a stronger sign-in, such as multi-factor authentication. Sign out of Usher and sign in again.`,
  },
  {
    codes: ["invalid_grant"],
    verdict: "refused",
    reason: ({ idp, server }) =>
      `${server} does not accept what ${idp} says about this person. Its admins check whether it trusts ${idp} and knows the person.`,
  },
];
