import type { AuthorizationRequestRow } from "@/lib/db/authorization-request";
import { AuthorizationFailedError } from "@/lib/errors";
import type { FlowMoment } from "@/lib/flows/recorder";
import type { ObservedSteps } from "@/lib/oauth/client";
import { recordNavigation } from "@/lib/oauth/recorded-exchange";
import { callbackUrl } from "./callback-url";
import type { AuthorizationContext } from "./context";

/**
 * For the flow inspector: what came back, what was exchanged for it, and what it led to.
 * @param steps where `complete` leaves what it sent
 */
export async function recordCallback<Completed>(
  ctx: AuthorizationContext,
  { id: flowId, serverId, ownerKey }: AuthorizationRequestRow,
  user: { id: string },
  parameters: URLSearchParams,
  steps: ObservedSteps,
  complete: () => Promise<Completed>,
): Promise<Completed> {
  const url = `${callbackUrl(ctx.env.publicUrl)}?${parameters}`;
  const cameBack = recordNavigation("authorization_response", ctx.now(), url);
  const record = (outcome: FlowMoment["outcome"], reason: string | null) =>
    ctx.flows.record({
      ...{ flowId, serverId, ownerKey, kind: "AUTHORIZATION", trigger: "person" },
      ...{ actorId: user.id, outcome, reason, steps: [cameBack, ...steps.read()] },
    });
  try {
    const completed = await complete();
    record("succeeded", null);
    return completed;
  } catch (error) {
    if (error instanceof AuthorizationFailedError) {
      record(isForeign(error) ? "refused" : "failed", error.userMessage);
    }
    throw error;
  }
}

/** Of somebody else, of another browser or once too often: the flow itself goes its way. */
function isForeign({ reason }: AuthorizationFailedError): boolean {
  return reason === "wrong_user" || reason === "wrong_browser" || reason === "unknown_state";
}
