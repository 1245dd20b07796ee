"use client";

import { ExternalLink, Paperclip } from "lucide-react";
import { memo } from "react";
import { PromptCard } from "@/components/chat/input/prompt-card";
import { Markdown } from "@/components/chat/markdown/markdown";
import { QuotedText } from "@/components/chat/markdown/plain-text";
import { Reasoning } from "@/components/chat/markdown/reasoning";
import { ConfirmToolCall } from "@/components/chat/tool-calls/confirm-tool-calls";
import { ToolCallCard } from "@/components/chat/tool-calls/tool-call-card";
import { prettyJson } from "@/components/chat/tool-calls/tool-call-text";
import { CopyButton } from "@/components/ui/text/copy-button";
import { LongText } from "@/components/ui/text/long-text";
import type { ChatMessage, PausedToolCallView } from "@/lib/contracts/chat/chat";
import { type MessageBlock, messageBlocks, messageText } from "./message-blocks";
import { PartBoundary } from "./part-boundary";
import { TurnError } from "./turn-error";

export type MessageViewProps = {
  message: ChatMessage;
  /** Nothing comes after it: a turn that runs writes to it. */
  last: boolean;
  busy: boolean;
  paused: readonly PausedToolCallView[];
};

/** `busy` and `paused` matter to the last message alone: the others are drawn once. */
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

/** Under an answer that others follow; the last one has them in its own line (last-line.tsx). */
function EarlierActions({ text }: { text: string }) {
  if (!text) return null;
  return (
    <div className="-mt-1.5 -mb-4 -ml-1.5 flex items-center opacity-0 transition-opacity focus-within:opacity-100 group-hover/answer:opacity-100 pointer-coarse:opacity-100">
      <CopyButton value={text} label="Copy the answer" />
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
      return <PromptCard entries={block.entries} inputs={block.inputs} />;
    case "confirmation":
      return (
        <ConfirmToolCall
          paused={paused.find((each) => each.toolCallId === block.call.id) ?? null}
          call={block.call}
        />
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
