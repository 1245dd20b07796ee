"use client";

import { useEffect, useRef, useState } from "react";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { announcement, waitingWords } from "./announcement";

/**
 * Reads a finished answer out, once, and not its tokens as they come. What waits for the person is read
 * out as soon as it waits, also while the answer is not finished.
 */
export function AnswerAnnouncer({
  messages,
  busy,
}: {
  messages: readonly ChatMessage[];
  busy: boolean;
}) {
  const last = messages.at(-1);
  const waits = last?.role === "assistant" ? waitingWords(last) : "";
  const before = useRef({ busy, waits });
  const [words, setWords] = useState("");
  useEffect(() => {
    const was = before.current;
    before.current = { busy, waits };
    if (!busy && was.busy) {
      if (last?.role === "assistant") setWords(announcement(last));
    } else if (busy && waits !== was.waits && waits !== "") setWords(waits);
    else if (busy && !was.busy) setWords("The assistant is answering.");
  }, [busy, waits, last]);
  return (
    <p role="status" className="sr-only">
      {words}
    </p>
  );
}
