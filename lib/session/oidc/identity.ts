import { findIdentityTokens, type IdentityTokensRow } from "@/lib/db/people/identity-tokens";
import { SealedBoxError } from "@/lib/errors";
import type { Observe } from "@/lib/oauth/client";
import type { ExchangeSupport } from "@/lib/oauth/exchange/support";
import type { IdentityResult, WantedIdentity } from "@/lib/tokens/identity";
import { OidcFailure } from "./failure";
import { hasFreshAccessToken, identityStanding } from "./identity-standing";
import { openIdentity } from "./kept-tokens";
import {
  type IdentityContext,
  type KeptIdentityContext,
  providersTrouble,
  renewIdentity,
} from "./renew-identity";

const soonMs = 5000;

/**
 * Who a person is at the identity provider, by the tokens of their last sign-in. Refreshes them when less than a minute
 * is left. Never throws for provider errors.
 */
export async function identityOf(
  world: IdentityContext,
  userId: string,
  wanted: WantedIdentity = {},
): Promise<IdentityResult> {
  if (!world.oidc || !world.env.oidc?.keepTokens) {
    return { found: false, because: "off", reason: "Usher keeps no sign-ins. Ask an admin." };
  }
  const ctx = Object.assign(Object.create(world), {
    env: { oidc: world.env.oidc },
  }) as KeptIdentityContext;
  try {
    return await renewed(ctx, userId, wanted);
  } catch (error) {
    if (!(error instanceof OidcFailure || error instanceof SealedBoxError)) throw error;
    // Once the key, the box or the provider is restored, it works again.
    ctx.log.warn({ err: error, userId }, "what was kept of a sign-in cannot be used");
    const reason =
      error instanceof SealedBoxError ? error.userMessage : providersTrouble(ctx.env.oidc.name);
    return outage(ctx, reason);
  }
}

async function renewed(
  ctx: KeptIdentityContext,
  userId: string,
  { token, observe }: WantedIdentity,
): Promise<IdentityResult> {
  for (let tried = false; ; tried = true) {
    const row = await findIdentityTokens(ctx.db, userId);
    if (row === null || !(await isOfProvider(ctx, row))) return noIdentity(ctx, tried);
    const standing = identityStanding(row, ctx.now(), token);
    if (standing.is === "over") return noIdentity(ctx, true);
    if (standing.is === "waiting") {
      const reason = row.lastRefreshError ?? providersTrouble(ctx.env.oidc.name);
      return { found: false, because: "outage", reason, retryAt: standing.retryAt };
    }
    if (standing.is === "good" || (tried && standing.usable)) return identityIn(ctx, row);
    if (tried) return outage(ctx, providersTrouble(ctx.env.oidc.name));
    await shared(ctx, row, observe);
  }
}

/** Callers in this process share one refresh. */
async function shared(
  ctx: KeptIdentityContext,
  row: IdentityTokensRow,
  observe: Observe | undefined,
): Promise<void> {
  const { identitiesUnderWay } = ctx;
  let underWay = identitiesUnderWay.get(row.userId);
  if (!underWay) {
    underWay = renewIdentity(ctx, row, observe).finally(() => {
      identitiesUnderWay.delete(row.userId);
    });
    identitiesUnderWay.set(row.userId, underWay);
  }
  await underWay;
}

/** Tokens issued to another client, or by another provider, are not sent to this one. */
async function isOfProvider(ctx: KeptIdentityContext, row: IdentityTokensRow): Promise<boolean> {
  if (row.clientId !== ctx.env.oidc.clientId) return false;
  return row.issuer === (await ctx.oidc.client()).issuer;
}

async function identityIn(
  ctx: KeptIdentityContext,
  row: IdentityTokensRow,
): Promise<IdentityResult> {
  const { idToken, accessToken, idTokenExpiresAt } = openIdentity(ctx.keyring, row);
  const { issuer, subject } = row;
  const identity = {
    ...{ provider: ctx.env.oidc.name, issuer, subject, idToken, idTokenExpiresAt },
    accessToken: hasFreshAccessToken(row, ctx.now()) ? accessToken : null,
    client: await ctx.oidc.client(),
    outbound: ctx.oidc.outbound,
  };
  return { found: true, identity };
}

/** @param had it has ended, or was just refused */
function noIdentity({ env }: KeptIdentityContext, had: boolean): IdentityResult {
  const reason = `Sign in with ${env.oidc.name} again.`;
  return { found: false, because: had ? "ended" : "not_kept", reason };
}

function outage(ctx: KeptIdentityContext, reason: string): IdentityResult {
  const retryAt = new Date(ctx.now().getTime() + soonMs);
  return { found: false, because: "outage", reason, retryAt };
}

/** Whether the identity provider issues ID-JAGs. Null: there is none, or it cannot be called now. */
export async function identityProviderSupport({
  oidc,
  env,
}: Pick<IdentityContext, "oidc" | "env">): Promise<{
  provider: string;
  supported: ExchangeSupport;
} | null> {
  if (!oidc || !env.oidc) return null;
  const { name: provider } = env.oidc;
  try {
    return { provider, supported: (await oidc.support()).idJags };
  } catch (error) {
    if (!(error instanceof OidcFailure)) throw error;
    return null;
  }
}
