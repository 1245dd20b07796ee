import pLimit from "p-limit";
import type { Database } from "@/lib/db/client";
import {
  claimEndedSignIns,
  deleteEndedSignIn,
  type EndedSignInRow,
} from "@/lib/db/people/ended-sign-in";
import type { OidcEnv } from "@/lib/env/sign-in";
import { SealedBoxError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import type { OAuthClient } from "@/lib/oauth/client";
import { revokeTokens } from "@/lib/oauth/revocation";
import type { Keyring } from "@/lib/vault/keyring";
import { open } from "@/lib/vault/sealed-box";
import { OidcFailure } from "./failure";
import { identityPlace } from "./kept-tokens";
import type { IdentityProvider } from "./late-provider";

interface EndedContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  log: Log;
  env: { oidc: Pick<OidcEnv, "clientId"> | null };
  oidc: IdentityProvider | null;
  stopping: AbortSignal;
}

const atOnce = 8;
/** At 10 s each they end within the minute for which they are claimed. */
const batch = 32;
/** Claiming stops after this. */
const claimForMs = 10_000;

/**
 * Revokes refresh tokens at the identity provider that were deleted here with their sign-ins
 * (RFC 7009). If it is unavailable, or this process dies, the next sweep does it. Never throws.
 */
export async function revokeEndedSignIns(ctx: EndedContext): Promise<void> {
  const { oidc, env } = ctx;
  if (!oidc || !env.oidc) return;
  const stopAt = performance.now() + claimForMs;
  try {
    for (let claimed = batch; claimed === batch && performance.now() < stopAt; ) {
      if (ctx.stopping.aborted) return;
      const rows = await claimEndedSignIns(ctx.db, batch);
      claimed = rows.length;
      if (claimed === 0) return;
      const client = await oidc.client();
      const limit = pLimit(atOnce);
      await Promise.all(rows.map((row) => limit(() => revokeEnded(ctx, oidc, client, row))));
    }
  } catch (error) {
    const because = error instanceof OidcFailure ? error.cause : error;
    ctx.log.warn({ err: because }, "ended sign-ins were not revoked; the next sweep goes on");
  }
}

async function revokeEnded(
  ctx: EndedContext,
  { outbound }: IdentityProvider,
  client: OAuthClient,
  row: EndedSignInRow,
): Promise<void> {
  const { id, userId } = row;
  // Tokens issued to another client, or by another provider, are not sent to this one.
  if (row.clientId !== client.clientId || row.issuer !== client.issuer) return;
  // Some providers keep one grant per person and client, which revoking the older token would end.
  if (row.signedInAgain || client.revocationEndpoint === null) {
    return deleteEndedSignIn(ctx.db, id);
  }
  try {
    const place = identityPlace(userId, "refreshTokenSealed");
    const tokens = { refreshToken: open(ctx.keyring, row.refreshTokenSealed, place) };
    const asking = { outbound, now: ctx.now };
    const [told] = await revokeTokens({ client, tokens: { ...tokens, accessToken: null } }, asking);
    if (told && told.outcome !== "revoked") {
      ctx.log.warn({ userId, why: told.reason }, "the identity provider did not revoke a sign-in");
      if (told.mayPass) return;
    }
    await deleteEndedSignIn(ctx.db, id);
  } catch (error) {
    // It recovers once the operator adds the key.
    if (!(error instanceof SealedBoxError)) throw error;
    ctx.log.warn({ err: error, userId }, "an ended sign-in cannot be opened to revoke it");
  }
}
