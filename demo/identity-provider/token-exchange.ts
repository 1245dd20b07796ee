import { randomUUID } from "node:crypto";
import { importJWK, type JWK, SignJWT } from "jose";
import type Provider from "oidc-provider";
import type { TokenEndpointGrantContext } from "oidc-provider";
import type { OidcProviderModule } from "@/demo/authorization-server/oidc-provider";
import { JWT_BEARER } from "@/demo/authorization-server/provider-configuration";
import type { ProviderKeys } from "@/demo/authorization-server/provider-keys";
import {
  ID_JAG,
  type IdentityProviderRules,
  TOKEN_EXCHANGE,
} from "@/demo/identity-provider/configuration";
import type { Policy } from "@/demo/identity-provider/policy";
import { SubjectTokens } from "@/demo/identity-provider/subject-token";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const SCOPES = ["files:read", "files:write"];

export interface ExchangeContext {
  readonly oidc: Pick<OidcProviderModule, "errors">;
  readonly provider: Provider;
  readonly keys: ProviderKeys;
  readonly rules: IdentityProviderRules;
  readonly policy: Policy;
  /** MCP servers that accept this provider's own access tokens. */
  readonly resources: () => readonly string[];
}

interface ExchangeParameters {
  requested_token_type?: string;
  audience?: string;
  subject_token?: string;
  subject_token_type?: string;
  actor_token?: string;
}

/**
 * Registers token exchange, for ID-JAGs and for access tokens, and Entra's on-behalf-of form of it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/ §4.3
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export function exchangeTokens(exchange: ExchangeContext): void {
  const { provider, keys, rules, policy } = exchange;
  const subjects = new SubjectTokens(provider, keys);
  const refuse = (error: string, description: string) =>
    new exchange.oidc.errors.CustomOIDCProviderError(error, description);

  function personOf(accountId: string | null) {
    const person = accountId === null ? undefined : rules.person(accountId);
    if (!person) throw refuse("invalid_grant", "The sign-in is not valid, or it is over.");
    return person;
  }

  function requireAssignment(accountId: string, audience: string): void {
    if (policy.isAssigned(accountId, audience)) return;
    throw refuse("access_denied", "The person is not assigned to this application.");
  }

  async function issueIdJag(
    context: TokenEndpointGrantContext<ExchangeParameters>,
    accountId: string,
  ): Promise<void> {
    const { audience = "", scope, resource } = context.oidc.params;
    const server = policy.server(audience);
    if (!server) throw refuse("invalid_target", "The audience is not connected here.");
    requireAssignment(accountId, audience);
    // The audience and the resource are a bound pair (Enterprise-Managed Authorization §7.6.1).
    const [named, ...more] = [resource ?? []].flat();
    if (more.length > 0 || (named !== undefined && !server.resources().includes(named))) {
      throw refuse("invalid_target", "The audience does not issue tokens for this resource.");
    }
    const allowed = allowedScope(scope, server.scope.split(" "));
    const now = Math.floor(Date.now() / 1_000);
    const [signingKey] = keys.jwks.keys;
    const { email } = personOf(accountId);
    const idJag = await new SignJWT({
      client_id: server.clientId,
      scope: allowed,
      email,
      ...(named === undefined ? {} : { resource: named }),
    })
      .setProtectedHeader({ alg: "ES256", typ: "oauth-id-jag+jwt" })
      .setIssuer(provider.issuer)
      .setSubject(accountId)
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + rules.lifetimes.idJag)
      .sign(await importJWK(signingKey as JWK, "ES256"));
    context.body = {
      issued_token_type: ID_JAG,
      access_token: idJag,
      token_type: "N_A",
      expires_in: rules.lifetimes.idJag,
      scope: allowed,
    };
  }

  async function issueAccessToken(
    context: TokenEndpointGrantContext,
    issued: { accountId: string; resource: string; scope: string },
  ): Promise<string> {
    const { accountId, resource, scope } = issued;
    const known = exchange.resources().includes(resource);
    if (!known) throw refuse("invalid_target", "The audience is not known here.");
    requireAssignment(accountId, resource);
    const token = new provider.AccessToken({
      client: context.oidc.client,
      accountId,
      aud: resource,
      scope,
      gty: "token_exchange",
      // It rests on an admin's assignment, not on a grant by the person.
      grantId: "",
    });
    const accessToken = await token.save();
    context.body = {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: token.expiration,
      scope,
    };
    return accessToken;
  }

  function allowedScope(requested: string | undefined, allowed: readonly string[]): string {
    const scope = (requested?.split(" ") ?? allowed).filter((one) => allowed.includes(one));
    if (scope.length === 0) throw refuse("invalid_scope", "None of these scopes is allowed.");
    return scope.join(" ");
  }

  provider.registerGrantType<ExchangeParameters>(
    TOKEN_EXCHANGE,
    async (context) => {
      const { client, params } = context.oidc;
      const { requested_token_type = ACCESS_TOKEN, subject_token, subject_token_type } = params;
      if (!subject_token) throw refuse("invalid_request", "The request has no subject_token.");
      if (params.actor_token) throw refuse("invalid_request", "An actor_token is not supported.");
      const subject = { type: subject_token_type, token: subject_token };
      const { accountId } = personOf(await subjects.accountOf(subject, client));
      if (requested_token_type === ID_JAG) return issueIdJag(context, accountId);
      if (requested_token_type !== ACCESS_TOKEN) {
        throw refuse("invalid_request", "The requested_token_type is not supported.");
      }
      const [resource] = [params.resource ?? params.audience ?? ""].flat();
      const scope = allowedScope(params.scope, SCOPES);
      await issueAccessToken(context, { accountId, resource: resource ?? "", scope });
      context.body = { ...(context.body as object), issued_token_type: ACCESS_TOKEN };
    },
    [
      ...["requested_token_type", "audience", "resource", "scope"],
      ...["subject_token", "subject_token_type", "actor_token"],
    ],
    ["resource"],
  );

  provider.registerGrantType<{ assertion?: string; requested_token_use?: string }>(
    JWT_BEARER,
    async (context) => {
      const { client, params } = context.oidc;
      if (params.requested_token_use !== "on_behalf_of" || !params.assertion) {
        throw refuse("invalid_request", "Only the on-behalf-of form of this grant is supported.");
      }
      const { accountId } = personOf(
        await subjects.ofAccessToken(params.assertion, client.clientId),
      );
      const { resource, scopes } = targetOf(params.scope, exchange.resources());
      const scope = allowedScope(scopes.join(" ") || undefined, SCOPES);
      await issueAccessToken(context, { accountId, resource, scope });
    },
    ["assertion", "requested_token_use", "scope"],
  );
}

/** Entra has no `resource`: each scope starts with it, and `.default` means everything that an admin allowed. */
function targetOf(
  scope = "",
  resources: readonly string[],
): { resource: string; scopes: readonly string[] } {
  const asked = scope.split(" ");
  const resource = resources.find((one) => asked.every((each) => each.startsWith(`${one}/`)));
  if (resource === undefined) return { resource: "", scopes: [] };
  const scopes = asked.map((each) => each.slice(resource.length + 1));
  return { resource, scopes: scopes.filter((each) => each !== ".default") };
}
