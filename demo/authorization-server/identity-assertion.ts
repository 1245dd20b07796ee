import { createRemoteJWKSet, errors as joseErrors, jwtVerify } from "jose";
import type { default as Provider, ResourceServer } from "oidc-provider";
import * as z from "zod";
import type { OidcProviderModule } from "@/demo/authorization-server/oidc-provider";
import { PEOPLE, type Person } from "@/demo/authorization-server/people";
import { DEFAULT_SCOPE, JWT_BEARER } from "@/demo/authorization-server/provider-configuration";

/** The provider whose ID-JAGs are accepted. */
export interface TrustedIdentityProvider {
  readonly issuer: string;
  readonly jwksUri: string;
}

export interface IdentityAssertionRules {
  readonly identityProvider: TrustedIdentityProvider;
  /** The MCP servers that tokens are issued for. */
  readonly resources: () => readonly string[];
  readonly resourceServer: (resource: string) => ResourceServer;
}

const claimsSchema = z.object({
  sub: z.string().min(1),
  email: z.string().optional(),
  client_id: z.string(),
  jti: z.string().min(1),
  exp: z.number(),
  // One audience: an assertion also meant for another server could be replayed by that one.
  aud: z.union([z.string(), z.array(z.string()).length(1)]),
  resource: z.union([z.string(), z.array(z.string()).length(1)]).optional(),
  scope: z.string().optional(),
});
type IdJagClaims = z.infer<typeof claimsSchema>;

/**
 * Lets clients trade an ID-JAG for an access token, without consent and without a refresh token: the identity
 * provider decides each time.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-3
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/ §4.4.1
 */
export function acceptIdentityAssertions(
  { errors }: Pick<OidcProviderModule, "errors">,
  provider: Provider,
  rules: IdentityAssertionRules,
): void {
  const refuse = (error: string, description: string) =>
    new errors.CustomOIDCProviderError(error, description);
  const keys = createRemoteJWKSet(new URL(rules.identityProvider.jwksUri));
  const used = new UsedAssertions();

  async function verify(assertion: string | undefined, clientId: string): Promise<IdJagClaims> {
    if (!assertion) throw refuse("invalid_request", "The request has no assertion.");
    const verified = await jwtVerify(assertion, keys, {
      typ: "oauth-id-jag+jwt",
      issuer: rules.identityProvider.issuer,
      audience: provider.issuer,
      algorithms: ["ES256", "RS256"],
      requiredClaims: ["exp"],
      // Also refuses an `iat` in the future.
      maxTokenAge: "1h",
    }).catch((error: Error) => {
      // Keys that cannot be fetched say nothing about the assertion.
      if (!(error instanceof joseErrors.JOSEError)) throw error;
      throw refuse("invalid_grant", `The assertion is not valid: ${error.message}.`);
    });
    const claims = claimsSchema.safeParse(verified.payload);
    if (!claims.success) throw refuse("invalid_grant", "The assertion lacks claims of an ID-JAG.");
    if (claims.data.client_id !== clientId) {
      throw refuse("invalid_grant", "The assertion was issued to another client.");
    }
    return claims.data;
  }

  function resourceOf(claims: IdJagClaims, requested: string | string[] | undefined): string {
    const known = rules.resources();
    const named = [claims.resource ?? (known.length === 1 ? known : [])].flat()[0];
    if (named === undefined || !known.includes(named)) {
      throw refuse("invalid_grant", "The assertion is for a resource that is not served here.");
    }
    if ([requested ?? named].flat().some((resource) => resource !== named)) {
      throw refuse("invalid_target", "The assertion is for another resource than the request.");
    }
    return named;
  }

  function scopeOf(claims: IdJagClaims, requested: string | undefined): string {
    const served = DEFAULT_SCOPE.split(" ");
    const asserted = claims.scope?.split(" ") ?? served;
    if (asserted.some((scope) => !served.includes(scope))) {
      throw refuse("invalid_grant", "The assertion has a scope that is not known here.");
    }
    const wanted = requested?.split(" ") ?? asserted;
    const scope = asserted.filter((one) => wanted.includes(one)).join(" ");
    if (!scope) throw refuse("invalid_scope", "The assertion allows no scope of the request.");
    return scope;
  }

  provider.registerGrantType<{ assertion?: string }>(
    JWT_BEARER,
    async (context) => {
      const { client, params } = context.oidc;
      const claims = await verify(params.assertion, client.clientId);
      const resource = resourceOf(claims, params.resource);
      const scope = scopeOf(claims, params.scope);
      const person = personOf(claims);
      if (!person) throw refuse("invalid_grant", "The assertion is about somebody unknown here.");
      if (!used.add(claims)) throw refuse("invalid_grant", "The assertion was used before.");
      const token = new provider.AccessToken({
        client,
        accountId: person.accountId,
        resourceServer: new provider.ResourceServer(resource, rules.resourceServer(resource)),
        scope,
        gty: "jwt_bearer",
        // No one consented here, so there is no grant to revoke.
        grantId: "",
      });
      const accessToken = await token.save();
      context.body = {
        access_token: accessToken,
        token_type: "Bearer",
        expires_in: token.expiration,
        scope,
      };
    },
    ["assertion", "scope", "resource"],
  );
}

/** `sub` is the identity provider's own name for the person; an address may also link the account. */
function personOf({ sub, email }: IdJagClaims): Person | undefined {
  const address = email?.toLowerCase();
  return (
    PEOPLE.find(({ accountId }) => accountId === sub) ?? PEOPLE.find((p) => p.email === address)
  );
}

/** Each `jti` once, while its assertion is valid. Checking and recording are one step: of two at once, one passes. */
class UsedAssertions {
  readonly #until = new Map<string, number>();

  add({ jti, exp }: IdJagClaims): boolean {
    const now = Date.now() / 1_000;
    for (const [known, until] of this.#until) if (until < now) this.#until.delete(known);
    if (this.#until.has(jti)) return false;
    this.#until.set(jti, exp);
    return true;
  }
}
