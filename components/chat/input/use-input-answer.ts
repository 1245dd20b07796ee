"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import type { InputAnswer } from "@/lib/contracts/elicitation/elicitation";
import { answerInput, conversationKey } from "@/lib/queries/chat";
import { ProblemError } from "@/lib/queries/fetch-json";

/** Sends a person's answer to the server. A conversation that waited for it then continues automatically. */
export function useInputAnswer(
  pausedId: string | null,
  round: number,
  onAnswered: () => void = () => undefined,
) {
  const { detail } = useOpenConversation();
  const queryClient = useQueryClient();
  const queryKey = conversationKey(detail.id);

  const { mutate, isPending, variables, error } = useMutation({
    mutationFn: (answer: Omit<InputAnswer, "round">) =>
      answerInput(detail.id, pausedId ?? "", { ...answer, round }),
    onSuccess: (answered) => {
      onAnswered();
      queryClient.setQueryData<ConversationDetail>(
        queryKey,
        (old) =>
          old && {
            ...old,
            pausedToolCalls: old.pausedToolCalls.map((call) =>
              call.id === answered.id ? answered : call,
            ),
          },
      );
    },
    // It may have been answered in another tab.
    onError: (problem) => {
      if (problem instanceof ProblemError && problem.status !== 400) {
        void queryClient.invalidateQueries({ queryKey });
      }
    },
  });
  const fields = error instanceof ProblemError ? error.fields : {};

  return {
    answer: mutate,
    /** What is being told just now. */
    action: isPending ? (variables?.action ?? null) : null,
    fields,
    error: error && Object.keys(fields).length === 0 ? error.message : null,
  };
}
