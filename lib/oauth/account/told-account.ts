import { nameInAnswer, nameInClaims, shownName } from "@/lib/oauth/account/account-name";
import { jwtClaims } from "@/lib/oauth/jwt";
import { type Parameters, textOf } from "@/lib/oauth/parameters";

/** The source of a name. */
export type AccountSource =
  | "id_token"
  | "token_response"
  | "userinfo"
  | "introspection"
  | "tool"
  /** A person's sign-in that was exchanged for the account. */
  | "identity_provider";

export interface AccountName {
  name: string;
  source: AccountSource;
}

/** What a token response says about the account, without another request. */
export interface ToldAccount {
  /** `sub` of a valid ID token, which userinfo must repeat. */
  subject: string | null;
  account: AccountName | null;
  /** Replaces a name, if no other source has one. */
  id: AccountName | null;
}

/** @param client the issuer and audience that the ID token must have */
export function toldAccount(
  answer: Parameters,
  client: { issuer: string | null; clientId: string },
): ToldAccount {
  const tokens = tokensIn(answer);
  const found = (name: string | null, source: AccountSource): AccountName | null => {
    const shown = shownName(name, tokens);
    return shown === null ? null : { name: shown, source };
  };
  const claims = idTokenClaims(textOf(answer, "id_token"), client);
  const ofToken = claims && nameInClaims(claims);
  const ofAnswer = nameInAnswer(answer);
  return {
    subject: claims && textOf(claims, "sub"),
    account: found(ofToken?.name ?? null, "id_token") ?? found(ofAnswer.name, "token_response"),
    id: found(ofToken?.id ?? null, "id_token") ?? found(ofAnswer.id, "token_response"),
  };
}

/**
 * The claims of an ID token that came from the token endpoint itself, over TLS. Its signature need not be
 * verified then (OpenID Connect Core §3.1.3.7, 6), and nothing depends on it; but it has to come from this
 * provider and be for this client.
 */
function idTokenClaims(
  idToken: string | null,
  { issuer, clientId }: { issuer: string | null; clientId: string },
): Parameters | null {
  const claims = idToken === null ? null : jwtClaims(idToken);
  if (!claims) return null;
  const audience = Object.hasOwn(claims, "aud") ? claims.aud : undefined;
  const isForClient = Array.isArray(audience) ? audience.includes(clientId) : audience === clientId;
  // Without an issuer on the server's page there is nothing to compare with.
  const isOfIssuer = issuer === null || textOf(claims, "iss") === issuer;
  return isForClient && isOfIssuer ? claims : null;
}

function tokensIn(answer: Parameters): string[] {
  return Object.entries(answer).flatMap(([name, value]): string[] => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return tokensIn(value as Parameters);
    }
    return typeof value === "string" && /token|secret/i.test(name) && value.length >= 8
      ? [value]
      : [];
  });
}
