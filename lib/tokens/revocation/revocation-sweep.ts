import { takeTokensOfDisabled } from "@/lib/db/revocations/take-tokens";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { type RevocationContext, settleDueRevocations } from "./settle-revocations";

/** Claiming stops after this; what is claimed takes at most 40 s. */
const claimForMs = 10_000;

/**
 * Notifies providers that could not be notified before: they were unavailable, or a process died. Takes the tokens of
 * disabled people first, if any are left. The identity provider is notified of ended sign-ins.
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
