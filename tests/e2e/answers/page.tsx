import type { DynamicToolUIPart } from "ai";
import type { ReactNode } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { describeToolCall } from "@/components/chat/tool-calls/tool-call";
import { ToolCallDetails } from "@/components/chat/tool-calls/tool-call-details";
import { MessageView } from "@/components/chat/turn/message-view";
import { metadataOf } from "@/lib/chat/built-in-model/model";
import { respond } from "@/lib/chat/built-in-model/respond";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

/** How a text reaches the screen: complete from a model, while a model writes it, or from a tool. */
export type Kind = "answer" | "streaming" | "quoted" | "result" | "error";

export interface Drawn {
  /** Everything that React or the browser threw, caught by a boundary or not. */
  errors: string[];
  elements: number;
  /** Shown as plain text, because its Markdown is too expensive to render. */
  plain: boolean;
}

declare global {
  interface Window {
    draw(kind: Kind, text: string): Drawn;
    /** Shows messages as a conversation has them, and keeps them on the page. */
    show(messages: ChatMessage[]): void;
  }
}

const errors: string[] = [];
const note = (error: unknown) => errors.push(String(error).slice(0, 200));
window.addEventListener("error", ({ message }) => note(message));

window.draw = (kind, text) => {
  errors.length = 0;
  const place = document.createElement("main");
  document.body.replaceChildren(place);
  const root = createRoot(place, { onUncaughtError: note, onCaughtError: note });
  try {
    flushSync(() => root.render(<div style={{ width: 720 }}>{nodeOf(kind, text)}</div>));
  } catch (error) {
    note(error);
  }
  // Reading the height makes the browser lay the page out.
  void place.offsetHeight;
  const elements = place.querySelectorAll("*").length;
  const plain = place.textContent.includes("Shown as plain text");
  try {
    flushSync(() => root.unmount());
  } catch (error) {
    note(error);
  }
  return { errors: [...errors], elements, plain };
};

let shown: Root | undefined;

window.show = (messages) => {
  if (!shown) {
    const place = document.createElement("main");
    document.body.replaceChildren(place);
    shown = createRoot(place, { onUncaughtError: note });
  }
  const root = shown;
  flushSync(() =>
    root.render(
      <div className="mx-auto grid max-w-3xl gap-5 p-4">
        {messages.map((message) => (
          <MessageView key={message.id} message={message} last={false} busy={false} paused={[]} />
        ))}
      </div>,
    ),
  );
};

function nodeOf(kind: Kind, text: string): ReactNode {
  switch (kind) {
    case "answer":
      return <Message parts={[{ type: "text", text, state: "done" }]} />;
    case "streaming":
      return <Message parts={[{ type: "text", text, state: "streaming" }]} busy />;
    case "quoted":
      return <Message parts={quoted(text)} />;
    case "result":
      return <Details part={{ state: "output-available", output: outputOf(text) }} />;
    case "error":
      return <Details part={{ state: "output-error", errorText: text }} />;
  }
}

function Message({ parts, busy = false }: { parts: ChatMessage["parts"]; busy?: boolean }) {
  const message: ChatMessage = { id: "1", role: "assistant", parts };
  return <MessageView message={message} last busy={busy} paused={[]} />;
}

/** As the built-in assistant shows a tool's answer. */
function quoted(text: string): ChatMessage["parts"] {
  const answer = respond(
    {
      prompt: [
        { role: "user", content: [{ type: "text", text: "Read a.md" }] },
        {
          role: "tool",
          content: [
            {
              ...{ type: "tool-result", toolCallId: "1", toolName: text.slice(0, 100) || "a" },
              output: { type: "text", value: text },
            },
          ],
        },
      ],
    },
    new Date(0),
  );
  return answer.parts.map((part) => ({ type: "text", text: part.text, ...metadataOf(part) }));
}

function Details({ part }: { part: object }) {
  const whole = { type: "dynamic-tool", toolCallId: "1", toolName: "a", input: {}, ...part };
  const call = describeToolCall(whole as DynamicToolUIPart, {
    ...{ account: null, paused: null, prompt: null, asked: false, busy: false },
  });
  return <ToolCallDetails call={call} />;
}

function outputOf(text: string) {
  const resource = { uri: text.slice(0, 2_000), text };
  return {
    content: [
      { type: "text", text },
      { type: "resource", resource },
      { type: "resource_link", uri: text, name: text },
      ...text.split("\n", 990).map((line) => ({ type: "text", text: line })),
    ],
    truncated: false,
  };
}
