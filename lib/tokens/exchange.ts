import type { GrantType } from "@/lib/contracts/servers/kinds";
import type { OAuthClient } from "@/lib/oauth/client";
import type { RefreshFailure } from "@/lib/oauth/error-response";
import { type ExchangeLeg, explainExchange } from "@/lib/oauth/exchange-refusal";
import {
  exchangeToken,
  redeemIdJag,
  requestIdJag,
  requestOnBehalfOf,
} from "@/lib/oauth/identity-assertion";
import type { TokenResponse } from "@/lib/oauth/token-response";
import { type Asking, askThroughGate, type Failed, type NotAsked } from "./ask-provider";
import type { Identity, IdentityResult } from "./identity";
import type { HeldLease } from "./lease";
import type { RefreshContext } from "./refresh-outcome";

/** What is exchanged for new tokens. */
export interface Exchange {
  grantType: GrantType;
  userId: string | null;
  /** Usher's client at the server's authorization server, or at the identity provider that the server trusts. */
  client: OAuthClient;
  resource: string | null;
  scope: string | null;
}

/**
 * Exchanges a person's sign-in at the identity provider for the server's tokens, with one request or two. Each goes
 * through the gate of its host, and none is sent that could outlive the lease.
 */
export async function exchangeSignIn(
  ctx: RefreshContext,
  exchange: Exchange,
  held: HeldLease,
  asking: Asking,
): Promise<TokenResponse | Failed | NotAsked> {
  const { client, scope, resource, grantType } = exchange;
  const byAccessToken =
    grantType === "ON_BEHALF_OF" ||
    (grantType === "TOKEN_EXCHANGE" && !client.settings?.exchangeIdToken);
  const token = byAccessToken ? "access_token" : "id_token";
  const found = await identityFor(ctx, exchange, token);
  if (!found.found) return notSignedIn(found);
  const { identity } = found;
  const subjectToken = byAccessToken ? identity.accessToken : identity.idToken;
  if (subjectToken === null) return refused(noAccessToken);
  const subject = { subjectToken, subjectTokenType: token } as const;
  const explain = (leg: Leg) => (error: unknown) => explained(error, leg, identity, client);
  const send = <Granted>(leg: Leg, endpoint: string, request: () => Promise<Granted>) =>
    askThroughGate(ctx, endpoint, held, asking, request, explain(leg));
  if (grantType !== "ID_JAG") {
    return send("direct", client.tokenEndpoint, () =>
      grantType === "ON_BEHALF_OF"
        ? requestOnBehalfOf({ client, accessToken: subjectToken, scope }, ctx)
        : exchangeToken({ client, ...subject, resource, scope }, ctx),
    );
  }
  const { outbound } = identity;
  const idp = Object.assign(Object.create(ctx) as RefreshContext, { outbound });
  const audience = client.issuer ?? client.tokenEndpoint;
  const idJag = await send("identity_provider", identity.client.tokenEndpoint, () =>
    requestIdJag({ client: identity.client, ...subject, audience, resource, scope }, idp),
  );
  if (!("assertion" in idJag)) return idJag;
  return send("authorization_server", client.tokenEndpoint, () =>
    redeemIdJag({ client, ...idJag }, ctx),
  );
}

/** `direct`: the identity provider issues the server's tokens, to the client on the server's page. */
type Leg = ExchangeLeg | "direct";

/** What a failure means for the tokens. */
function explained(
  error: unknown,
  leg: Leg,
  { provider }: Identity,
  { tokenEndpoint }: OAuthClient,
): RefreshFailure {
  const names = { idp: provider, server: new URL(tokenEndpoint).host };
  const told = explainExchange(error, leg === "direct" ? "identity_provider" : leg, names);
  const { reason, retryAfterMs } = told;
  const failure = { reason, retryAfterMs, mayBeThisTokenAlone: false };
  switch (told.verdict) {
    case "sign_in_again":
      return { ...failure, verdict: "grant_ended" };
    case "client_refused": {
      // A refusal of the sign-in's client says nothing about the one at the server's authorization server.
      if (leg === "identity_provider") return { ...failure, verdict: "outage" };
      const { reason } = explainExchange(error, "authorization_server", names);
      return { ...failure, reason, verdict: "client_refused" };
    }
    default:
      return { ...failure, verdict: told.verdict };
  }
}

const noAccessToken =
  "Your sign-in left no access token that can be exchanged. Sign in again. If that does not help, ask an admin to check the scopes that signing in asks for (OIDC_SCOPE).";

async function identityFor(
  { identityOf, observe }: RefreshContext,
  { userId }: Exchange,
  token: "id_token" | "access_token",
): Promise<IdentityResult> {
  if (!identityOf || userId === null) return { found: false, because: "off", reason: turnedOff };
  return identityOf(userId, { token, observe });
}

const turnedOff =
  "This installation does not keep people’s sign-ins, so there is nothing to exchange. Its operator sets OIDC_KEEP_TOKENS.";

/** Nothing was sent to the server's provider. */
function notSignedIn(found: Extract<IdentityResult, { found: false }>): Failed | NotAsked {
  const { reason } = found;
  if (found.because === "outage") {
    return { notAskedUntil: found.retryAt, reason, isProvidersFault: true };
  }
  return refused(reason);
}

/** Nothing was sent: there is nothing to exchange. */
function refused(reason: string): Failed {
  const failed = { verdict: "grant_ended", reason, retryAfterMs: null } as const;
  return { failed: { ...failed, mayBeThisTokenAlone: false }, failsAlone: false };
}
