"use client";

import { useState } from "react";
import { cn } from "@/components/ui/class-names";
import { formatNumber } from "@/lib/contracts/format";

/** What a browser lays out instantly, even in rare scripts, for which it searches all its fonts. */
const step = { characters: 3_000, lines: 200 };

/** A text of any length, a part at a time. */
export function LongText({ text }: { text: string }) {
  const [steps, setSteps] = useState(1);
  const end = endOf(text, steps);
  if (end === text.length) return text;
  return (
    <>
      {text.slice(0, end)}
      <button
        type="button"
        onClick={() => setSteps(steps + 4)}
        className="mt-1 block rounded-xs font-sans text-accent-text text-sm underline underline-offset-3"
      >
        Show more ({formatNumber(text.length - end)} characters left)
      </button>
    </>
  );
}

/** Where this many steps end; between two characters, and at the text's end if little is left. */
function endOf(text: string, steps: number): number {
  let end = 0;
  for (let lines = steps * step.lines; lines > 0; lines--) {
    const next = text.indexOf("\n", end) + 1;
    if (next === 0) {
      end = text.length;
      break;
    }
    end = next;
  }
  end = Math.min(end, steps * step.characters);
  if (text.length - end < step.characters / 20) return text.length;
  return /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end;
}

/** More than two lines hold on any screen. A browser lays out every character, visible or not. */
const limit = 600;

/** An untrusted text, truncated to two lines. */
export function TwoLines({ text, className }: { text: string; className?: string | undefined }) {
  return (
    <bdi className={cn("line-clamp-2 min-w-0 [overflow-wrap:anywhere]", className)}>
      {text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…` : text}
    </bdi>
  );
}
