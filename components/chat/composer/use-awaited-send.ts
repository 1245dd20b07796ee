"use client";

import { useEffect, useState } from "react";

/** Who presses Enter while the chat still loads does not press it again: the text goes when it can. */
export function useAwaitedSend({
  text,
  loading,
  send,
}: {
  text: string;
  /** Nothing can be sent yet, for a moment only. */
  loading: boolean;
  send: () => void;
}) {
  const [awaited, setAwaited] = useState<string | null>(null);
  const isAwaited = awaited !== null && awaited.trim() !== "" && awaited === text;

  useEffect(() => {
    if (awaited === null || (loading && isAwaited)) return;
    setAwaited(null);
    // Whoever writes on has something else to say.
    if (isAwaited) send();
  });

  return { isAwaited, await: () => setAwaited(text) };
}
