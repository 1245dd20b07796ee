"use client";

import { Check } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { Disclosure } from "@/components/ui/disclosure";
import { TwoLines } from "@/components/ui/text/long-text";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ToolChange, ToolReview } from "@/lib/contracts/servers/tool-policy";
import { visible } from "@/lib/untrusted-text";

/** A tool that differs from its accepted definition, and the button that accepts it. */
export function ToolReviewEntry({
  review,
  assistantNames,
  accepted,
  accepting,
  onAccept,
}: {
  review: ToolReview;
  /** Assistants it concerns, unless the page makes that clear. */
  assistantNames?: string | undefined;
  /** Accepted in the form, not yet saved. */
  accepted: boolean;
  accepting: boolean;
  onAccept: () => void;
}) {
  const { toolName, title, standing, since, readOnly, changes } = review;
  return (
    <li className="grid gap-2 px-3 py-2.5">
      <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-2">
        <div className="grid min-w-0 flex-1 basis-56 gap-0.5">
          <p className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-sm">
            {title ? <TwoLines text={title} className="font-medium" /> : null}
            <TwoLines text={toolName} className="font-mono text-xs" />
            <Badge tone="warning">{standing === "new" ? "New" : "Changed"}</Badge>
          </p>
          <p className="text-muted text-xs [overflow-wrap:anywhere]">
            {standing === "new" ? "Added after its tools were accepted" : "Accepted"}
            {since ? (
              <>
                {standing === "new" ? ", " : " "}
                <RelativeTime value={since} />
              </>
            ) : null}
            {standing === "changed" ? `, changed since: ${changedFields(changes)}` : null}
            {assistantNames ? ` · ${assistantNames}` : null}
          </p>
        </div>
        {accepted ? (
          <p className="flex h-7 items-center gap-1.5 text-success-text text-xs">
            <Check aria-hidden="true" className="size-4" />
            Accepted when you save
          </p>
        ) : (
          <Button size="sm" loading={accepting} onClick={onAccept}>
            Accept<span className="sr-only"> {toolName}</span>
          </Button>
        )}
      </div>
      {accepted ? null : (
        <p className="text-sm">
          {readOnly
            ? "The server says it is read-only. Once accepted, it runs without asking unless you choose otherwise."
            : "It can change data. Once accepted, it asks first unless you choose otherwise."}
        </p>
      )}
      {changes.length > 0 ? (
        <Disclosure title="What changed" summary={changedFields(changes)}>
          <div className="grid gap-3">
            {changes.map((change) => (
              <Change key={change.field} change={change} />
            ))}
          </div>
        </Disclosure>
      ) : null}
    </li>
  );
}

const fieldWords: Record<ToolChange["field"], string> = {
  title: "title",
  description: "description",
  inputSchema: "input schema",
  annotations: "hints",
};

function changedFields(changes: readonly ToolChange[]): string {
  return changes.map(({ field }) => fieldWords[field]).join(", ");
}

const marks = { same: " ", removed: "−", added: "+" } as const;
const spoken = { same: "", removed: "Removed: ", added: "Added: " } as const;

function Change({ change: { field, lines } }: { change: ToolChange }) {
  return (
    <figure className="min-w-0 overflow-hidden rounded-lg border border-border bg-sunken">
      <figcaption className="border-border border-b px-3 py-1.5 text-muted text-xs first-letter:uppercase">
        {fieldWords[field]}
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-72 overflow-auto whitespace-pre-wrap py-2 font-mono text-xs leading-5 [overflow-wrap:anywhere] focus-visible:-outline-offset-2"
      >
        {lines.map(({ kind, text }, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: lines neither move nor change
            key={index}
            className={cn(
              "flex gap-2 px-3",
              kind === "removed" && "bg-danger-subtle text-danger-text",
              kind === "added" && "bg-success-subtle text-success-text",
            )}
          >
            <span aria-hidden="true" className="select-none">
              {marks[kind]}
            </span>
            <span className="sr-only">{spoken[kind]}</span>
            <bdi className="min-w-0">
              <Line text={text} beside={lineBeside(lines, index)} />
            </bdi>
          </span>
        ))}
      </pre>
    </figure>
  );
}

function Line({ text, beside }: { text: string; beside: string | null }) {
  const [before, part, after] = partThatDiffers(text, beside);
  return (
    <>
      {visible(before)}
      {part ? (
        <strong className="font-semibold underline underline-offset-2">{visible(part)}</strong>
      ) : null}
      {visible(after)}
    </>
  );
}

/** The single line this one replaced, or that replaced it. Null: none, or several. */
export function lineBeside(lines: ToolChange["lines"], index: number): string | null {
  const removed = lines[index]?.kind === "removed" ? index : index - 1;
  const [before, first, second, after] = [-1, 0, 1, 2].map((place) => lines[removed + place]?.kind);
  const isPair =
    before !== "removed" && first === "removed" && second === "added" && after !== "added";
  if (!isPair) return null;
  return lines[index === removed ? removed + 1 : removed]?.text ?? null;
}

/**
 * The part of a changed line that differs: `[before, part, after]`, cut between words. Nothing is marked
 * without a counterpart, or if hardly anything matches.
 */
export function partThatDiffers(
  text: string,
  beside: string | null,
): [before: string, part: string, after: string] {
  if (beside === null) return [text, "", ""];
  const [words, others] = [wordsOf(text), wordsOf(beside)];
  const shorter = Math.min(words.length, others.length);
  let start = 0;
  while (start < shorter && words[start] === others[start]) start += 1;
  let end = 0;
  while (end < shorter - start && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const before = words.slice(0, start).join("");
  const after = words.slice(words.length - end).join("");
  const same = before.length + after.length;
  if (same * 2 < Math.min(text.length, beside.length)) return [text, "", ""];
  return [before, text.slice(before.length, text.length - after.length), after];
}

/** Words and separators; joined, they are the text. */
function wordsOf(text: string): string[] {
  return text.split(/(\s+)/);
}

/** More than this would fill the page. */
const atFirst = 5;

export function ToolReviewList<Review>({
  reviews,
  children,
}: {
  reviews: readonly Review[];
  children: (review: Review) => ReactNode;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? reviews : reviews.slice(0, atFirst);
  const left = reviews.length - shown.length;
  return (
    <>
      <ul className="divide-y divide-border">{shown.map(children)}</ul>
      {left > 0 ? (
        <div className="border-border border-t px-3 py-2">
          <Button variant="ghost" size="sm" className="-ml-2.5" onClick={() => setAll(true)}>
            Show {left} more
          </Button>
        </div>
      ) : null}
    </>
  );
}
