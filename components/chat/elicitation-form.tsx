"use client";

import { type FormEvent, useRef, useState } from "react";
import { focusFirstInvalid } from "@/components/mcp-servers/focus-first-invalid";
import { Button } from "@/components/ui/button";
import type { InputRequest } from "@/lib/contracts/elicitation";
import { checkElicitationAnswer } from "@/lib/contracts/elicitation-answer";
import { contentOf, defaultsOf, type Entered } from "./elicitation-content";
import { ElicitationFields } from "./elicitation-fields";
import { AnswerProblem, DeclineAndCancel } from "./input-actions";
import type { InputQuestion } from "./input-prompt";
import { useInputAnswer } from "./use-input-answer";

/** Asks for what a server wants to know; nothing leaves before the person has sent it. */
export function ElicitationForm({
  question: { key },
  request,
  serverName,
  pausedId,
  round,
}: {
  question: InputQuestion;
  request: Extract<InputRequest, { mode: "form" }>;
  serverName: string;
  pausedId: string | null;
  round: number;
}) {
  const { fields } = request;
  const [entered, setEntered] = useState<Entered>(() => defaultsOf(fields));
  const [found, setFound] = useState<ReadonlyMap<string, string>>(new Map());
  const { answer, action, fields: refused, error } = useInputAnswer(pausedId, round);
  const form = useRef<HTMLFormElement>(null);
  const problems = found.size > 0 ? found : new Map(Object.entries(refused));
  const other = problems.get("");

  function send(event: FormEvent) {
    event.preventDefault();
    const checked = checkElicitationAnswer(fields, contentOf(fields, entered));
    setFound(checked.ok ? new Map() : checked.problems);
    if (checked.ok) return answer({ key, action: "accept", content: checked.content });
    focusFirstInvalid(form.current);
  }

  return (
    <form ref={form} noValidate onSubmit={send} className="@container grid gap-3">
      <ElicitationFields
        fields={fields}
        entered={entered}
        problems={problems}
        disabled={action !== null}
        onChange={(name, value) => setEntered((before) => ({ ...before, [name]: value }))}
      />
      <p className="text-muted text-xs">
        Your answer goes to {serverName}. Do not enter passwords, keys or card numbers here.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Button
          type="submit"
          variant="primary"
          disabled={pausedId === null || (action !== null && action !== "accept")}
          loading={action === "accept"}
        >
          Send answer
        </Button>
        <DeclineAndCancel
          ready={pausedId !== null}
          action={action}
          onAnswer={(chosen) => answer({ key, action: chosen })}
        />
      </div>
      <AnswerProblem problem={other ?? error} />
    </form>
  );
}
