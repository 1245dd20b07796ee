import type { FlowTrigger } from "@/lib/contracts/servers/flow";
import type { Owner } from "@/lib/db/stored-token-set";
import type { ObservedSteps } from "@/lib/oauth/client";
import type { RefreshContext, RefreshOutcome } from "./refresh-outcome";

const outcomes = {
  refreshed: "succeeded",
  needs_authorization: "failed",
  try_later: "retrying",
} as const;

/** For the flow inspector. Nobody waits for it. */
export function recordRefresh(
  ctx: Pick<RefreshContext, "flows">,
  { serverId, ownerKey }: Owner,
  refresh: { trigger: FlowTrigger; outcome: RefreshOutcome; steps: ObservedSteps },
): void {
  const { trigger, outcome, steps } = refresh;
  const went = outcomes[outcome.outcome];
  if (!ctx.flows.wants({ serverId, kind: "REFRESH", outcome: went })) return;
  const reason = outcome.outcome === "refreshed" ? null : outcome.reason;
  ctx.flows.record({
    ...{ serverId, ownerKey, kind: "REFRESH", trigger, reason },
    ...{ outcome: went, steps: steps.read() },
  });
}
