import {
  type AuthInfo,
  bearerAuthChallengeResponse,
  OAuthError,
  OAuthErrorCode,
  verifyBearerToken,
} from "@modelcontextprotocol/server";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as z from "zod";
import type { IntrospectionAccess } from "@/demo/authorization-server";

export interface BearerGuardOptions {
  readonly provider: IntrospectionAccess;
  /** This MCP server, by the name that clients use. A token for another resource is rejected. */
  readonly resource: string;
  readonly resourceMetadataUrl: string;
  /** Named in the challenge, so that a client knows what to request. */
  readonly challengedScopes: readonly string[];
  /** An answer is cached for this many ms; 0: each request asks the provider. */
  readonly cacheMs: number;
}

export type BearerGuard = (request: Request) => Promise<AuthInfo | Response>;

/**
 * Lets a request with a valid token through, and answers any other with 401 and a challenge.
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-5.1
 */
export function bearerGuard(options: BearerGuardOptions): BearerGuard {
  const cache = new Map<string, { info: AuthInfo; until: number }>();
  const jwks = createRemoteJWKSet(new URL(options.provider.jwksUri));
  const verifyAccessToken = async (token: string): Promise<AuthInfo> => {
    const cached = cache.get(token);
    if (cached && cached.until > Date.now()) return cached.info;
    const claims = token.split(".").length === 3 ? await verifyJwt(token) : await introspect(token);
    const info = authInfo(token, claims, options.resource);
    if (options.cacheMs > 0) cache.set(token, { info, until: Date.now() + options.cacheMs });
    return info;
  };
  const verifyJwt = async (token: string): Promise<TokenClaims> => {
    const verified = await jwtVerify(token, jwks, { issuer: options.provider.issuer }).catch(() => {
      throw invalidToken("The token is not valid.");
    });
    return tokenClaims.parse(verified.payload);
  };
  const introspect = async (token: string): Promise<TokenClaims> => {
    const { clientId, clientSecret } = options.provider.introspectionClient;
    const response = await fetch(options.provider.introspectionEndpoint, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams({ token }),
    });
    const answer = introspection.parse(await response.json());
    if (!answer.active) throw invalidToken("The token has expired or was revoked.");
    return answer;
  };
  return async (request) => {
    try {
      return await verifyBearerToken(request.headers.get("authorization"), {
        verifier: { verifyAccessToken },
        resourceMetadataUrl: options.resourceMetadataUrl,
      });
    } catch (error) {
      return challenge(options, error);
    }
  };
}

/** The response to an invalid token. */
export function challenge(
  options: Pick<BearerGuardOptions, "challengedScopes" | "resourceMetadataUrl">,
  error: unknown = invalidToken("The token is not valid."),
): Response {
  return bearerAuthChallengeResponse(error, {
    requiredScopes: [...options.challengedScopes],
    resourceMetadataUrl: options.resourceMetadataUrl,
  });
}

const tokenClaims = z.object({
  /** Missing from a token obtained by client credentials. */
  sub: z.string().optional(),
  name: z.string().optional(),
  client_id: z.string(),
  scope: z.string().optional(),
  exp: z.number(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
});
type TokenClaims = z.infer<typeof tokenClaims>;

const introspection = z.discriminatedUnion("active", [
  z.object({ active: z.literal(false) }),
  tokenClaims.extend({ active: z.literal(true) }),
]);

function authInfo(token: string, claims: TokenClaims, resource: string): AuthInfo {
  // A token without an audience comes from a client that omits `resource`; it is accepted.
  if (claims.aud !== undefined && ![claims.aud].flat().includes(resource)) {
    throw invalidToken("The token was issued for another server.");
  }
  const id = claims.sub ?? claims.client_id;
  return {
    token,
    clientId: claims.client_id,
    scopes: claims.scope?.split(" ") ?? [],
    expiresAt: claims.exp,
    extra: { account: { id, name: claims.name ?? id } },
  };
}

function invalidToken(message: string): OAuthError {
  return new OAuthError(OAuthErrorCode.InvalidToken, message);
}
