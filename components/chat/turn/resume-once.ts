import type { ConversationDetail } from "@/lib/contracts/chat/chat";

/**
 * Says once for each time that the consent of a waiting call, or the answers that its server asked for,
 * arrive that the conversation can go on. A call that waits again later, for a consent that was lost meanwhile, counts anew.
 */
export function createResumeOnce(): (
  detail: Pick<ConversationDetail, "pausedToolCalls">,
) => boolean {
  const resumed = new Set<string>();
  return ({ pausedToolCalls }) => {
    let ready = false;
    for (const call of pausedToolCalls) {
      const consented = call.state === "AWAITING_AUTHORIZATION" && call.connected;
      if (!consented && call.state !== "INPUT_GIVEN") resumed.delete(call.id);
      else if (!resumed.has(call.id)) {
        ready = true;
        resumed.add(call.id);
      }
    }
    return ready;
  };
}
