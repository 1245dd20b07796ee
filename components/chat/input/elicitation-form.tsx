"use client";

import { type FormEvent, useRef, useState } from "react";
import { useChatState } from "@/components/chat/shell/chat-state";
import { Button } from "@/components/ui/button";
import { focusFirstInvalid } from "@/components/ui/fields/form-problems";
import type { InputRequest } from "@/lib/contracts/elicitation/elicitation";
import { checkElicitationAnswer } from "@/lib/contracts/elicitation/elicitation-answer";
import {
  contentOf,
  defaultsOf,
  type Entered,
  keptEntries,
  restoredEntries,
} from "./elicitation-content";
import { ElicitationFields } from "./elicitation-fields";
import type { InputQuestion } from "./input-prompt";
import { AnswerProblem, DeclineAndCancel, useInputAnswer } from "./use-answers";

/** A server's form. Nothing is sent before the person submits it. */
export function ElicitationForm({
  question: { key },
  request,
  serverName,
  pausedId,
  round,
  draftKey,
}: {
  question: InputQuestion;
  request: Extract<InputRequest, { mode: "form" }>;
  serverName: string;
  pausedId: string | null;
  round: number;
  /** Key under which entries survive a reload until they are sent. */
  draftKey: string;
}) {
  const { fields } = request;
  const { drafts } = useChatState();
  const [entered, setEntered] = useState<Entered>(
    () => restoredEntries(fields, drafts.read(draftKey)) ?? defaultsOf(fields),
  );
  const [found, setFound] = useState<ReadonlyMap<string, string>>(new Map());
  const {
    answer,
    action,
    fields: refused,
    error,
  } = useInputAnswer(pausedId, round, () => drafts.write(draftKey, ""));
  const form = useRef<HTMLFormElement>(null);
  const problems = found.size > 0 ? found : new Map(Object.entries(refused));
  const other = problems.get("");

  function send(event: FormEvent) {
    event.preventDefault();
    const { content, problems: untold } = contentOf(fields, entered);
    const checked = checkElicitationAnswer(fields, content);
    const problems = new Map([...(checked.ok ? [] : checked.problems), ...untold]);
    setFound(problems);
    if (checked.ok && problems.size === 0)
      return answer({ key, action: "accept", content: checked.content });
    focusFirstInvalid(form.current);
  }

  function change(name: string, value: unknown) {
    const next = { ...entered, [name]: value };
    setEntered(next);
    drafts.write(draftKey, keptEntries(fields, next));
  }

  return (
    <form ref={form} noValidate onSubmit={send} className="@container grid gap-3">
      <ElicitationFields
        fields={fields}
        entered={entered}
        problems={problems}
        disabled={action !== null}
        onChange={change}
      />
      {request.leftOut?.map((reason) => (
        <p key={reason} className="text-muted text-xs">
          {reason} It is optional, so it was left out.
        </p>
      ))}
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
