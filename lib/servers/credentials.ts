import type { EditEffects } from "@/lib/contracts/servers/edit-effects";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { usesClientSecret } from "@/lib/contracts/servers/oauth-client";
import type { CredentialColumns, McpServerRow } from "@/lib/db/mcp-server";

import type { Keyring } from "@/lib/vault/keyring";
import type { Sealed } from "@/lib/vault/sealed-box";
import { sealClientSecret } from "./oauth-client";

/** An edit's context: the stored server, the edit's effects, and problems by field. */
export interface Edit {
  existing: McpServerRow | null;
  effects: EditEffects;
  problems: Record<string, string>;
}

export const noCredentials = {
  clientId: "",
  clientSecretSealed: null,
  clientSecretExpiresAt: null,
  registeredIssuer: null,
  registeredRedirectUri: null,
  registeredAt: null,
  registeredBecause: null,
  registrationProven: false,
  registrationForgotten: false,
  clientRefusedAt: null,
  workingAuthMethod: null,
  followsServer: true,
} as const satisfies Partial<CredentialColumns>;

/**
 * The client ID and everything that belongs to it: what a person entered, or what Usher registered
 * itself, as long as that is still for the same issuer.
 *
 * @param id of the row, to which the secret is bound
 */
export function credentialColumns(
  keyring: Keyring,
  id: string,
  input: McpServerInput,
  edit: Edit,
): CredentialColumns {
  const { oauth } = input;
  const { mode: registration, keep } = edit.effects.registration;
  if (registration === "PRE_REGISTERED") {
    return {
      ...noCredentials,
      registration,
      clientId: oauth.clientId,
      clientSecretSealed: clientSecret(keyring, id, input, edit),
      tokenEndpointAuthMethod: oauth.tokenEndpointAuthMethod,
      registeredIssuer: oauth.issuer || null,
    };
  }
  const kept = keep ? edit.existing?.oauthClient : null;
  if (!kept) {
    const { tokenEndpointAuthMethod } = oauth;
    return { ...noCredentials, registration, tokenEndpointAuthMethod };
  }
  return {
    registration: kept.registration,
    clientId: kept.clientId,
    clientSecretSealed: kept.clientSecretSealed as Sealed | null,
    clientSecretExpiresAt: kept.clientSecretExpiresAt,
    tokenEndpointAuthMethod: kept.tokenEndpointAuthMethod,
    registeredIssuer: kept.registeredIssuer,
    registeredRedirectUri: kept.registeredRedirectUri,
    registeredAt: kept.registeredAt,
    registeredBecause: kept.registeredBecause,
    registrationProven: kept.registrationProven,
    registrationForgotten: kept.registrationForgotten,
    clientRefusedAt: kept.clientRefusedAt,
    workingAuthMethod: kept.workingAuthMethod,
    followsServer: kept.followsServer,
  };
}

function clientSecret(
  keyring: Keyring,
  id: string,
  input: McpServerInput,
  { existing, effects, problems }: Edit,
): Sealed | null {
  const { oauth } = input;
  if (!usesClientSecret(oauth.tokenEndpointAuthMethod)) return null;
  const given = oauth.clientSecret.trim();
  if (given !== "") return sealClientSecret(keyring, { id }, given);
  const decision = effects.clientSecret;
  if (decision.keep) return (existing?.oauthClient?.clientSecretSealed ?? null) as Sealed | null;
  problems["oauth.clientSecret"] =
    decision.reason ?? "Enter the client secret, or set client authentication to none.";
  return null;
}
