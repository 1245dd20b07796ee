"use client";

import { ChevronRight, ExternalLink, Paperclip, RotateCcw, Square } from "lucide-react";
import { memo, type ReactNode } from "react";
import { ErrorBoundary } from "react-error-boundary";
import { PromptCard } from "@/components/chat/input/prompt-card";
import { Markdown } from "@/components/chat/markdown/markdown";
import { QuotedText } from "@/components/chat/markdown/plain-text";
import { ConfirmToolCall } from "@/components/chat/tool-calls/confirm-tool-calls";
import { ToolCallCard } from "@/components/chat/tool-calls/tool-call-card";
import { prettyJson } from "@/components/chat/tool-calls/tool-call-text";
import { FailedPart } from "@/components/chat/turn/failed-part";
import {
  type MessageBlock,
  messageBlocks,
  messageText,
} from "@/components/chat/turn/message-blocks";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { useWords } from "@/components/shell/viewer-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyButton } from "@/components/ui/text/copy-button";
import { LongText } from "@/components/ui/text/long-text";
import type { ChatMessage, PausedToolCallView, TurnErrorPart } from "@/lib/contracts/chat/chat";

type MessageViewProps = {
  message: ChatMessage;
  /** Nothing comes after it: a running turn writes to it. */
  last: boolean;
  busy: boolean;
  paused: readonly PausedToolCallView[];
};

/** `busy` and `paused` matter only to the last message: the others are rendered once. */
export const MessageView = memo(
  function MessageView(props: MessageViewProps) {
    const { message } = props;
    return (
      <PartBoundary what="This message" resetKey={message} rawText={() => messageText(message)}>
        {message.role === "user" ? (
          <UserMessage message={message} />
        ) : (
          <AssistantMessage {...props} />
        )}
      </PartBoundary>
    );
  },
  (before, after) =>
    before.message === after.message &&
    before.last === after.last &&
    before.paused === after.paused &&
    (before.busy === after.busy || !after.last),
);

/** A message, or a part of one, that cannot be rendered says so in its place and leaves the others intact. */
function PartBoundary({
  what,
  resetKey,
  rawText,
  children,
}: {
  /** At the start of a sentence: "This message". */
  what: string;
  resetKey: unknown;
  rawText: () => string;
  children: ReactNode;
}) {
  return (
    <ErrorBoundary
      resetKeys={[resetKey]}
      fallbackRender={({ resetErrorBoundary }) => (
        <FailedPart what={what} rawText={rawText} onRetry={resetErrorBoundary} />
      )}
    >
      {children}
    </ErrorBoundary>
  );
}

function UserMessage({ message }: { message: ChatMessage }) {
  return (
    <article className="flex justify-end">
      <h3 className="sr-only">You said</h3>
      <div className="max-w-[85%] whitespace-pre-wrap rounded-xl rounded-br-xs bg-pressed px-3.5 py-2 text-base leading-6 [overflow-wrap:anywhere]">
        <LongText text={messageText(message)} />
      </div>
    </article>
  );
}

function AssistantMessage({ message, last, busy, paused }: MessageViewProps) {
  const blocks = messageBlocks(message, { paused, busy: busy && last });
  if (blocks.length === 0) return null;
  return (
    <article className="group/answer relative grid min-w-0 gap-3">
      <h3 className="sr-only">The assistant said</h3>
      {blocks.map((block) => (
        <PartBoundary
          key={`${block.kind} ${block.key}`}
          what="This part of the answer"
          resetKey={message}
          rawText={() => ("text" in block ? block.text : prettyJson(block))}
        >
          <Block block={block} last={last} paused={paused} />
        </PartBoundary>
      ))}
      {last ? null : <EarlierActions text={messageText(message)} />}
    </article>
  );
}

/** Under an answer that is followed by others; the last one has them in its own line (last-line.tsx). */
function EarlierActions({ text }: { text: string }) {
  if (!text) return null;
  return (
    <div className="-mt-1.5 -mb-4 -ml-1.5 flex items-center opacity-0 transition-opacity focus-within:opacity-100 group-hover/answer:opacity-100 pointer-coarse:opacity-100">
      <CopyButton value={text} label="Copy answer" />
    </div>
  );
}

function Block({
  block,
  last,
  paused,
}: {
  block: MessageBlock;
  last: boolean;
  paused: readonly PausedToolCallView[];
}) {
  switch (block.kind) {
    case "text":
      return <Markdown text={block.text} streaming={block.streaming} />;
    case "quoted":
      return <QuotedText text={block.text} />;
    case "reasoning":
      return <Reasoning text={block.text} streaming={block.streaming} />;
    case "tool-calls":
      return (
        <ul
          aria-label="Tool calls"
          className="@container divide-y divide-border overflow-hidden rounded-lg border border-border"
        >
          {block.calls.map((call) => (
            <li key={call.id}>
              <PartBoundary
                what="This tool call"
                resetKey={call.part}
                rawText={() => prettyJson(call.part)}
              >
                <ToolCallCard call={call} />
              </PartBoundary>
            </li>
          ))}
        </ul>
      );
    case "prompts":
      return <PromptCard prompts={block} />;
    case "confirmation":
      return (
        <ConfirmToolCall
          paused={paused.find((each) => each.toolCallId === block.call.id) ?? null}
          call={block.call}
        />
      );
    case "notice":
      return (
        <p className="text-sm text-muted [overflow-wrap:anywhere]" role="note">
          {block.text}
        </p>
      );
    case "error":
      return <TurnError error={block.error} last={last} />;
    case "source":
      return (
        <a
          href={block.url}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="inline-flex min-w-0 items-center gap-1.5 justify-self-start rounded-xs text-muted text-xs hover:text-text"
        >
          <ExternalLink aria-hidden="true" className="size-3.5 shrink-0" />
          <span className="truncate">{block.title}</span>
        </a>
      );
    case "file":
      return (
        <p className="flex items-center gap-1.5 text-muted text-xs">
          <Paperclip aria-hidden="true" className="size-3.5 shrink-0" />
          {block.title}
        </p>
      );
  }
}

/** Why an answer ended early. Only the last one can be requested again. */
export function TurnError({ error, last }: { error: TurnErrorPart; last: boolean }) {
  const { session, busy } = useOpenConversation();
  const words = useWords();
  const retry =
    last && error.retryable ? (
      <Button size="sm" disabled={busy} onClick={() => void session.retry()}>
        <RotateCcw aria-hidden="true" />
        Retry
      </Button>
    ) : null;
  if (error.stopped) {
    return (
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-3 gap-y-1 text-muted text-sm">
        <p className="flex items-center gap-2">
          <Square aria-hidden="true" className="size-3.5 shrink-0" />
          You stopped this answer.
        </p>
        {retry}
      </div>
    );
  }
  return (
    <Callout tone="danger" title="The answer could not be finished" action={retry}>
      {words(error.message)}
    </Callout>
  );
}

/** The reasoning that a model reports. Closed at first; it is long and rarely needed. */
function Reasoning({ text, streaming }: { text: string; streaming: boolean }) {
  return (
    <details className="group/reasoning min-w-0">
      <summary className="flex h-6 w-fit list-none items-center gap-1.5 rounded-xs text-muted text-sm hover:text-text">
        <ChevronRight
          aria-hidden="true"
          className="size-3.5 transition-transform group-open/reasoning:rotate-90"
        />
        {streaming ? "Thinking" : "Thought"}
      </summary>
      <div className="mt-1 ml-1.5 max-h-72 overflow-y-auto whitespace-pre-wrap border-border border-l-2 pl-3 text-muted text-sm [overflow-wrap:anywhere]">
        <LongText text={text} />
      </div>
    </details>
  );
}
