"use client";

import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { Button } from "@/components/ui/button";
import type {
  ConversationDetail,
  PausedToolCallDecision,
  PausedToolCallView,
} from "@/lib/contracts/chat/chat";
import type { InputAction, InputAnswer } from "@/lib/contracts/elicitation/elicitation";
import { answerInput, askAdmin, conversationKey, decidePausedToolCall } from "@/lib/queries/chat";
import { ProblemError } from "@/lib/queries/fetch-json";

/** "Run now" and "Skip": sent to the server, which then continues. */
export function useDecision() {
  const { detail, session } = useOpenConversation();
  const queryClient = useQueryClient();

  const { mutateAsync, isPending, variables, error } = useMutation({
    mutationFn: async (input: { ids: readonly string[]; decision: PausedToolCallDecision }) => {
      for (const id of input.ids) {
        const decided = await decidePausedToolCall(detail.id, id, input.decision);
        replacePausedCall(queryClient, detail.id, decided);
      }
    },
    // It may have been decided in another tab.
    onError: () => queryClient.invalidateQueries({ queryKey: conversationKey(detail.id) }),
  });

  return {
    /**
     * Resolves when the turn that carries it out has ended, or when sending the decision failed.
     * @param more is stored with it
     */
    async decide(
      ids: readonly string[],
      decision: PausedToolCallDecision["decision"],
      more: Omit<PausedToolCallDecision, "decision"> = {},
    ) {
      await mutateAsync({ ids, decision: { decision, ...more } }).then(
        () => session.resume(),
        () => undefined,
      );
    },
    deciding: isPending,
    decision: isPending ? (variables?.decision.decision ?? null) : null,
    error: error?.message ?? null,
  };
}

/** Asks the admins to authorize the account that a call waits for. */
export function useAskAdmin() {
  const { detail } = useOpenConversation();
  const queryClient = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (pausedId: string) => askAdmin(detail.id, pausedId),
    onSuccess: (asked) => replacePausedCall(queryClient, detail.id, asked),
    // It may have continued in the meantime.
    onError: () => queryClient.invalidateQueries({ queryKey: conversationKey(detail.id) }),
  });
  return { ask: mutate, asking: isPending, error: error?.message ?? null };
}

/** Sends a person's answer to the server. A conversation that waited for it then continues automatically. */
export function useInputAnswer(
  pausedId: string | null,
  round: number,
  onAnswered: () => void = () => undefined,
) {
  const { detail } = useOpenConversation();
  const queryClient = useQueryClient();

  const { mutate, isPending, variables, error } = useMutation({
    mutationFn: (answer: Omit<InputAnswer, "round">) =>
      answerInput(detail.id, pausedId ?? "", { ...answer, round }),
    onSuccess: (answered) => {
      onAnswered();
      replacePausedCall(queryClient, detail.id, answered);
    },
    // It may have been answered in another tab.
    onError: (problem) => {
      if (problem instanceof ProblemError && problem.status !== 400) {
        void queryClient.invalidateQueries({ queryKey: conversationKey(detail.id) });
      }
    },
  });
  const fields = error instanceof ProblemError ? error.fields : {};

  return {
    answer: mutate,
    /** The action that is being sent. */
    action: isPending ? (variables?.action ?? null) : null,
    fields,
    error: error && Object.keys(fields).length === 0 ? error.message : null,
  };
}

function replacePausedCall(
  queryClient: QueryClient,
  conversationId: string,
  changed: PausedToolCallView,
): void {
  queryClient.setQueryData<ConversationDetail>(
    conversationKey(conversationId),
    (old) =>
      old && {
        ...old,
        pausedToolCalls: old.pausedToolCalls.map((call) =>
          call.id === changed.id ? changed : call,
        ),
      },
  );
}

/** "Decline" refuses; "Cancel" leaves the question undecided. */
export function DeclineAndCancel({
  ready,
  action,
  onAnswer,
}: {
  ready: boolean;
  /** The action that is being sent. */
  action: InputAction | null;
  onAnswer: (action: "decline" | "cancel") => void;
}) {
  return (
    <>
      {(["decline", "cancel"] as const).map((each) => (
        <Button
          key={each}
          variant={each === "decline" ? "secondary" : "ghost"}
          disabled={!ready || (action !== null && action !== each)}
          loading={action === each}
          onClick={() => onAnswer(each)}
        >
          {each === "decline" ? "Decline" : "Cancel"}
        </Button>
      ))}
    </>
  );
}

export function AnswerProblem({ problem }: { problem: string | null | undefined }) {
  return problem ? (
    <p role="alert" className="text-danger-text text-xs">
      {problem}
    </p>
  ) : null;
}
