"use client";

import { useQueryClient } from "@tanstack/react-query";
import { ArrowUpRight, Check, CircleHelp, CircleSlash } from "lucide-react";
import { useEffect, useState } from "react";
import { ElicitationForm } from "@/components/chat/input/elicitation-form";
import type { InputPrompt, InputQuestion } from "@/components/chat/input/input-prompt";
import { QuietLine } from "@/components/chat/input/quiet-line";
import {
  AnswerProblem,
  DeclineAndCancel,
  useInputAnswer,
} from "@/components/chat/input/use-answers";
import type { InputEntry as Entry } from "@/components/chat/turn/message-blocks";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { Button } from "@/components/ui/button";
import type { InputRequest } from "@/lib/contracts/elicitation/elicitation";
import { conversationKey } from "@/lib/queries/chat";
import { oneLine } from "@/lib/untrusted-text";

/** The card's title if it shows this question alone. */
export function inputTitle({ prompt }: Entry): string {
  return `${oneLine(prompt.serverName)} has a question for you`;
}

/** A server's question, with its name: its text is set apart from Usher's own. */
export function InputEntry({
  entry,
  reading,
  titled,
}: {
  entry: Entry;
  reading: Extract<InputPrompt, { phase: "asking" }>;
  titled: boolean;
}) {
  const { detail } = useOpenConversation();
  const { prompt, call } = entry;
  const { pausedId, questions } = reading;
  const serverName = oneLine(prompt.serverName);
  useReadAnew(pausedId === null);
  return (
    <>
      <div className="grid gap-1 text-muted text-sm">
        {titled ? (
          <p className="font-medium text-base text-text [overflow-wrap:anywhere]">
            {inputTitle(entry)}
          </p>
        ) : null}
        <p>
          This question comes from the MCP server{" "}
          <bdi className="font-medium text-text">{serverName}</bdi>, not from Usher.
          {call ? ` Waiting: ${call.title}` : null}
        </p>
      </div>
      {questions.map((question) => (
        <div key={`${prompt.round} ${question.key}`} className="grid gap-3">
          {question.request.message ? (
            <blockquote className="max-h-48 overflow-y-auto whitespace-pre-wrap border-border-strong border-l-2 pl-3 text-sm [overflow-wrap:anywhere]">
              {question.request.message}
            </blockquote>
          ) : null}
          <Question
            question={question}
            serverName={serverName}
            pausedId={pausedId}
            round={prompt.round}
            draftKey={`answer ${detail.id} ${prompt.toolCallId} ${prompt.round} ${question.key}`}
          />
        </div>
      ))}
    </>
  );
}

/** The outcome of its questions. */
export function InputOver({
  reading,
  serverName,
}: {
  reading: Exclude<InputPrompt, { phase: "asking" }>;
  serverName: string;
}) {
  if (reading.phase !== "over") {
    return (
      <QuietLine icon={<CircleHelp />}>
        {serverName} no longer waits for an answer: Usher was interrupted.
      </QuietLine>
    );
  }
  if (reading.accepted) {
    return (
      <QuietLine icon={<Check className="text-success-text" />}>Answered · {serverName}</QuietLine>
    );
  }
  return (
    <QuietLine icon={<CircleSlash />}>
      {reading.refused
        ? `Declined automatically · ${serverName}: ${reading.refused}`
        : `Not answered · ${serverName}`}
    </QuietLine>
  );
}

function Question({
  question,
  draftKey,
  ...rest
}: {
  question: InputQuestion;
  serverName: string;
  pausedId: string | null;
  round: number;
  draftKey: string;
}) {
  const { request } = question;
  return request.mode === "form" ? (
    <ElicitationForm question={question} request={request} draftKey={draftKey} {...rest} />
  ) : (
    <ElicitationPage question={question} request={request} {...rest} />
  );
}

/** The prompt came with the stream; where to send the answer is fetched separately. */
function useReadAnew(needed: boolean) {
  const { detail } = useOpenConversation();
  const queryClient = useQueryClient();
  useEffect(() => {
    if (needed) void queryClient.invalidateQueries({ queryKey: conversationKey(detail.id) });
  }, [needed, detail.id, queryClient]);
}

/**
 * Asks whether to open a page that a server names. The host is shown before the person opens it, in a
 * tab that cannot reach this one; Usher never sees what happens there.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#safe-url-handling
 */
function ElicitationPage({
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
        <dt className="text-muted">{serverName} asks you to open a page at</dt>
        <dd className="font-medium font-mono">{host}</dd>
        <dt className="sr-only">Full address</dt>
        <dd className="line-clamp-4 font-mono text-muted text-xs">{href}</dd>
      </dl>
      <p className={international ? "text-sm text-warning-text" : "text-muted text-xs"}>
        {international
          ? "This address contains letters that can be mistaken for others. Open it only if you recognize it."
          : `The page is not part of Usher. Open it only if you expect ${serverName} to send you there.`}
      </p>
      {opened ? (
        <p role="status" className="text-sm">
          Opened in another tab. Confirm here when you are done.
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
            I’m done
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
