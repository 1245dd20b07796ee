import type { ChatMessage, PausedToolCallView } from "@/lib/contracts/chat/chat";
import { LastLine } from "./last-line";
import { MessageView } from "./message-view";

/** Messages, and what one can do with the last. */
export function MessageList({
  messages,
  from = 0,
  busy,
  paused,
}: {
  messages: readonly ChatMessage[];
  /** The first one that is drawn. */
  from?: number;
  busy: boolean;
  paused: readonly PausedToolCallView[];
}) {
  return (
    <>
      <div className="grid min-w-0 gap-5">
        {messages.slice(from).map((message) => (
          <MessageView
            key={message.id}
            message={message}
            last={message === messages.at(-1)}
            busy={busy}
            paused={paused}
          />
        ))}
      </div>
      <LastLine messages={messages} />
    </>
  );
}
