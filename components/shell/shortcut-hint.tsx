"use client";

import { useSyncExternalStore } from "react";
import { Kbd } from "@/components/ui/kbd";

const never = () => () => {};

/** "Ctrl J", or "⌘ J" on Apple's systems. */
export function ShortcutHint({ letter }: { letter: string }) {
  const apple = useSyncExternalStore(
    never,
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
  return (
    <span aria-hidden="true" className="flex gap-0.5">
      <Kbd>{apple ? "⌘" : "Ctrl"}</Kbd>
      <Kbd>{letter}</Kbd>
    </span>
  );
}
