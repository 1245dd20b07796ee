"use client";

import { useEffect, useRef, useState } from "react";
import { oneLine } from "@/components/ui/untrusted-text";
import type { ChatMessage } from "@/lib/contracts/chat";
import { messageText } from "./message-blocks";

/** Characters that are read out; the rest is there to be read. */
const longest = 1_200;

/** Reads a finished answer out, once; not its tokens as they come. */
export function AnswerAnnouncer({
  messages,
  busy,
}: {
  messages: readonly ChatMessage[];
  busy: boolean;
}) {
  const wasBusy = useRef(busy);
  const [words, setWords] = useState("");
  const last = messages.at(-1);
  useEffect(() => {
    if (busy && !wasBusy.current) setWords("The assistant answers…");
    if (!busy && wasBusy.current && last?.role === "assistant") setWords(announcement(last));
    wasBusy.current = busy;
  }, [busy, last]);
  return (
    <p role="status" className="sr-only">
      {words}
    </p>
  );
}

function announcement(message: ChatMessage): string {
  const last = message.parts.at(-1);
  if (last?.type === "data-authorization-required") return consentWords(message);
  if (last?.type === "data-input-required" && Object.keys(last.data.outcomes).length === 0) {
    return `${oneLine(last.data.serverName)} asks you something. The answer waits.`;
  }
  if (last?.type === "data-confirmation-required") {
    return `${oneLine(last.data.toolTitle)} of ${oneLine(last.data.serverName)} waits for your word.`;
  }
  if (last?.type === "data-turn-error") return last.data.message;
  const text = messageText(message);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** All that the last step waits for: its prompts end the message. */
function consentWords({ parts }: ChatMessage): string {
  const from = parts.findLastIndex((part) => part.type !== "data-authorization-required") + 1;
  const names = parts
    .slice(from)
    .flatMap((part) =>
      part.type === "data-authorization-required" ? [oneLine(part.data.serverName)] : [],
    );
  return names.length === 1
    ? `${names[0]} needs a consent. The answer waits.`
    : `${names.length} accounts need a consent: ${names.join(", ")}. The answer waits.`;
}
