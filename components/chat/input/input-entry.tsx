"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useOpenConversation } from "@/components/chat/turn/conversation-context";
import type { InputEntry as Entry } from "@/components/chat/turn/message-blocks";
import { conversationKey } from "@/lib/queries/chat";
import { oneLine } from "@/lib/untrusted-text";
import { ElicitationForm } from "./elicitation-form";
import { ElicitationPage } from "./elicitation-page";
import type { InputPrompt, InputQuestion } from "./input-prompt";

/** What the card is called where it shows this question alone. */
export function inputTitle({ prompt }: Entry): string {
  return `${oneLine(prompt.serverName)} asks you something`;
}

/** What a server asks, with its name: its words stand apart from Usher's own. */
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
          The MCP server <bdi className="font-medium text-text">{serverName}</bdi> asks, not Usher.
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

/** The prompt came with the stream; where an answer to it goes is read beside it. */
function useReadAnew(needed: boolean) {
  const { detail } = useOpenConversation();
  const queryClient = useQueryClient();
  useEffect(() => {
    if (needed) void queryClient.invalidateQueries({ queryKey: conversationKey(detail.id) });
  }, [needed, detail.id, queryClient]);
}
