"use client";

import type { ComponentProps } from "react";
import { cn } from "@/components/ui/class-names";
import { CopyButton } from "./copy-button";
import { LongText } from "./long-text";

export type CodeBlockProps = {
  code: string;
  /** A line above the code: a file name, "Arguments", "Result". */
  title?: string | undefined;
  /** Wraps long lines instead of scrolling sideways. */
  wrap?: boolean | undefined;
  copy?: boolean | undefined;
  className?: string | undefined;
  /** Limits the code's own box, e.g. `max-h-64`. */
  codeClassName?: string | undefined;
};

export function CodeBlock({
  code,
  title,
  wrap = false,
  copy = true,
  className,
  codeClassName,
}: CodeBlockProps) {
  return (
    <figure
      className={cn(
        "relative min-w-0 overflow-hidden rounded-lg border border-border bg-sunken",
        className,
      )}
    >
      {title ? (
        <figcaption className="flex h-8 items-center border-border border-b px-3 text-muted text-xs">
          {title}
        </figcaption>
      ) : null}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className={cn(
          "overflow-auto px-3 py-2.5 font-mono text-xs leading-5 focus-visible:-outline-offset-2",
          copy && "pr-10",
          wrap && "whitespace-pre-wrap [overflow-wrap:anywhere]",
          codeClassName,
        )}
      >
        <code>
          <LongText text={code} />
        </code>
      </pre>
      {copy ? (
        <CopyButton value={code} label="Copy code" className="absolute top-0.5 right-0.5" />
      ) : null}
    </figure>
  );
}

export function InlineCode({ className, ...props }: ComponentProps<"code">) {
  return (
    <code
      {...props}
      className={cn(
        "rounded-xs bg-pressed px-1 py-px font-mono text-[0.925em] [overflow-wrap:anywhere]",
        className,
      )}
    />
  );
}
