"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import type { ConversationDetail, PausedToolCallDecision } from "@/lib/contracts/chat/chat";
import { conversationKey, decidePausedToolCall } from "@/lib/queries/chat";

/** "Run now" and "Skip": told to the server, which then goes on. */
export function useDecision() {
  const { detail, session } = useOpenConversation();
  const queryClient = useQueryClient();
  const queryKey = conversationKey(detail.id);

  const { mutateAsync, isPending, variables, error } = useMutation({
    mutationFn: async (input: {
      ids: readonly string[];
      decision: PausedToolCallDecision["decision"];
    }) => {
      for (const id of input.ids) {
        const decided = await decidePausedToolCall(detail.id, id, { decision: input.decision });
        queryClient.setQueryData<ConversationDetail>(queryKey, (old) =>
          old
            ? {
                ...old,
                pausedToolCalls: old.pausedToolCalls.map((call) =>
                  call.id === decided.id ? decided : call,
                ),
              }
            : old,
        );
      }
    },
    // It may have been decided in another tab.
    onError: () => queryClient.invalidateQueries({ queryKey }),
  });

  return {
    /** Resolves when the turn that carries it out has ended, or when sending the decision failed. */
    async decide(ids: readonly string[], decision: PausedToolCallDecision["decision"]) {
      await mutateAsync({ ids, decision }).then(
        () => session.resume(),
        () => undefined,
      );
    },
    deciding: isPending,
    decision: isPending ? (variables?.decision ?? null) : null,
    error: error?.message ?? null,
  };
}
