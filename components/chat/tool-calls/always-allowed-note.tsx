"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AnswerProblem } from "@/components/chat/input/use-answers";
import { Button } from "@/components/ui/button";
import { alwaysAllowedChanged, revokeAlwaysAllowed } from "@/lib/queries/always-allowed";
import { ProblemError } from "@/lib/queries/fetch-json";

/** For a call that ran without asking, with the option to have the next one ask. */
export default function AlwaysAllowedNote({ id, title }: { id: string; title: string }) {
  const queryClient = useQueryClient();
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: async () => {
      try {
        await revokeAlwaysAllowed(null, id);
      } catch (problem) {
        // It was revoked elsewhere, which is what this requests.
        if (!(problem instanceof ProblemError) || problem.status !== 404) throw problem;
      }
    },
    onSuccess: () => alwaysAllowedChanged(queryClient),
  });
  return (
    <div className="grid gap-1 px-1 pb-1">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-xs" role="status">
        {isSuccess ? (
          <p>Revoked. The next call asks.</p>
        ) : (
          <>
            <p>Ran without asking, because you always allow this tool.</p>
            <Button size="sm" loading={isPending} onClick={() => mutate()}>
              Revoke<span className="sr-only">: no longer always allow {title}</span>
            </Button>
          </>
        )}
      </div>
      <AnswerProblem problem={error?.message} />
    </div>
  );
}
