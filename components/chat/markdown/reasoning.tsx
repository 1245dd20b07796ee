"use client";

import { ChevronRight } from "lucide-react";
import { LongText } from "@/components/ui/text/long-text";

/** What a model says it thought. Closed at first; it is long and rarely wanted. */
export function Reasoning({ text, streaming }: { text: string; streaming: boolean }) {
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
