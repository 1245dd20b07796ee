import type { ConversationStatus } from "@/components/chat/turn/use-conversation";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";

export type ComposerBlock = {
  /** Why nothing can be sent; empty if that is temporary; null: it can. */
  blocked: string | null;
  hint: string | null;
};

export function composerBlock(given: {
  online: boolean;
  status: ConversationStatus["status"];
  detail: Pick<ConversationDetail, "assistantId" | "pausedToolCalls"> | null;
  busy: boolean;
  /** For a new conversation. */
  start: { assistants: readonly unknown[] | null; error: Error | null };
}): ComposerBlock {
  const { online, status, detail, busy, start } = given;
  if (status === "missing") return blocked("This conversation no longer exists.");
  if (!online) return blocked("You are offline.");
  if (detail) {
    if (!detail.assistantId) return blocked("Its assistant was deleted. Start a new conversation.");
    const waits = detail.pausedToolCalls.some((call) => call.state.startsWith("AWAITING"));
    return {
      blocked: null,
      hint: waits && !busy ? "A new message skips this." : null,
    };
  }
  if (status === "failed") return blocked("This conversation could not be loaded.");
  if (status !== "none") return blocked("");
  if (start.error) return blocked("The assistants could not be loaded.");
  if (start.assistants === null) return blocked("");
  if (start.assistants.length === 0) return blocked("There are no assistants yet.");
  return { blocked: null, hint: null };
}

function blocked(reason: string): ComposerBlock {
  return { blocked: reason, hint: null };
}
