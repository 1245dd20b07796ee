import type { ConversationDetail } from "@/lib/contracts/chat/chat";

/**
 * True once for each consent, or answer to a server's question, that arrives for a waiting call: the
 * conversation can then continue. A call that waits again, because its consent was lost, counts again.
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
