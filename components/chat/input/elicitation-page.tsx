"use client";

import { ArrowUpRight } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import type { InputRequest } from "@/lib/contracts/elicitation/elicitation";
import { AnswerProblem, DeclineAndCancel } from "./input-actions";
import type { InputQuestion } from "./input-prompt";
import { useInputAnswer } from "./use-input-answer";

/**
 * Asks whether to open a page that a server names. The host is in view before it is opened, by the
 * person and in a tab that cannot reach this one; what happens there Usher never sees.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#safe-url-handling
 */
export function ElicitationPage({
  question: { key },
  request: { href, host, international },
  serverName,
  pausedId,
  round,
}: {
  question: InputQuestion;
  request: Extract<InputRequest, { mode: "url" }>;
  serverName: string;
  pausedId: string | null;
  round: number;
}) {
  const [opened, setOpened] = useState(false);
  const { answer, action, error } = useInputAnswer(pausedId, round);
  return (
    <div className="grid gap-3">
      <dl className="grid gap-1 text-sm [overflow-wrap:anywhere]">
        <dt className="text-muted">{serverName} wants you to open a page at</dt>
        <dd className="font-medium font-mono">{host}</dd>
        <dt className="sr-only">Whole address</dt>
        <dd className="line-clamp-4 font-mono text-muted text-xs">{href}</dd>
      </dl>
      <p className={international ? "text-sm text-warning-text" : "text-muted text-xs"}>
        {international
          ? "This address is written in letters that may look like others. Open it only if you know it."
          : `The page is not part of Usher. Open it only if you expect ${serverName} to send you there.`}
      </p>
      {opened ? (
        <p role="status" className="text-sm">
          Opened in another tab. Say so when you are done there.
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-2">
        {opened ? (
          <Button
            variant="primary"
            disabled={pausedId === null || (action !== null && action !== "accept")}
            loading={action === "accept"}
            onClick={() => answer({ key, action: "accept" })}
          >
            I’m done there
          </Button>
        ) : null}
        <Button asChild variant={opened ? "secondary" : "primary"}>
          <a href={href} target="_blank" rel="noopener noreferrer" onClick={() => setOpened(true)}>
            {opened ? "Open again" : "Open page"}
            <ArrowUpRight aria-hidden="true" />
            <span className="sr-only"> (opens {host} in a new tab)</span>
          </a>
        </Button>
        <DeclineAndCancel
          ready={pausedId !== null}
          action={action}
          onAnswer={(chosen) => answer({ key, action: chosen })}
        />
      </div>
      <AnswerProblem problem={error} />
    </div>
  );
}
