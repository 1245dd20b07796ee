import { createPublicKey, type JsonWebKey } from "node:crypto";
import { jwtVerify } from "jose";
import type Provider from "oidc-provider";
import type { Client } from "oidc-provider";
import type { ProviderKeys } from "@/demo/authorization-server/provider-keys";

const tokenType = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;

/**
 * Finds the person whose sign-in a token stands for. Only tokens issued to this client count: another client's
 * sign-in must not be traded by this one.
 *
 * @returns the account; null if the token is invalid
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2.1
 */
export class SubjectTokens {
  readonly #provider: Provider;
  readonly #key: ReturnType<typeof createPublicKey>;

  constructor(provider: Provider, { jwks }: ProviderKeys) {
    this.#provider = provider;
    this.#key = createPublicKey({ key: jwks.keys[0] as JsonWebKey, format: "jwk" });
  }

  async accountOf(
    { type, token }: { type: string | undefined; token: string },
    client: Client,
  ): Promise<string | null> {
    switch (type) {
      case tokenType("id_token"):
        return this.#ofIdToken(token, client.clientId);
      case tokenType("refresh_token"):
        return this.#ofRefreshToken(token, client.clientId);
      case tokenType("access_token"):
        return this.ofAccessToken(token, client.clientId);
      default:
        return null;
    }
  }

  async ofAccessToken(token: string, clientId: string): Promise<string | null> {
    const found = await this.#provider.AccessToken.find(token);
    // A token issued for an MCP server is not a sign-in: trading it would widen it.
    return found?.isValid && found.clientId === clientId && !found.aud ? found.accountId : null;
  }

  async #ofIdToken(token: string, clientId: string): Promise<string | null> {
    const expected = { issuer: this.#provider.issuer, audience: clientId, algorithms: ["ES256"] };
    const verified = await jwtVerify(token, this.#key, {
      ...expected,
      requiredClaims: ["sub", "exp"],
    }).catch(() => null);
    // An ID-JAG is signed with the same key.
    const isIdToken =
      verified?.protectedHeader.typ === undefined || verified.protectedHeader.typ === "JWT";
    return (isIdToken && verified?.payload.sub) || null;
  }

  async #ofRefreshToken(token: string, clientId: string): Promise<string | null> {
    const found = await this.#provider.RefreshToken.find(token);
    const isGood = found?.isValid && found.clientId === clientId;
    return isGood ? found.accountId : null;
  }
}
