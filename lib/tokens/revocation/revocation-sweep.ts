import { takeTokensOfDisabled } from "@/lib/db/revocations/take-tokens";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { type RevocationContext, settleDueRevocations } from "./settle-revocations";

/** Claiming stops after this; what is claimed takes 40 s at most. */
const claimForMs = 10_000;

/**
 * Tells providers what they could not be told before: they were away, or a process died. Takes the tokens of
 * disabled people first, should any be left. The identity provider is told of sign-ins that ended.
 */
export async function sweepRevocations(
  ctx: RevocationContext & Pick<RefreshContext, "stopping" | "revokeEndedSignIns">,
): Promise<void> {
  await ctx.revokeEndedSignIns?.();
  const dueAt = ctx.now();
  const stopClaimingAt = performance.now() + claimForMs;
  const away = new Set<string>();
  await takeTokensOfDisabled(ctx.db, dueAt);
  while (!ctx.stopping.aborted && performance.now() < stopClaimingAt) {
    if ((await settleDueRevocations(ctx, dueAt, away)) === 0) return;
  }
}
