"use client";

import { CodeBlock } from "@/components/ui/text/code-block";
import { LongText } from "@/components/ui/text/long-text";

const styles = "whitespace-pre-wrap text-base leading-6 [overflow-wrap:anywhere]";

/** A server's text, quoted as it came. */
export function QuotedText({ text }: { text: string }) {
  if (text.includes("\n")) return <CodeBlock code={text} wrap codeClassName="max-h-96" />;
  return (
    <blockquote className={`${styles} border-border-strong border-l-2 pl-3 text-muted`}>
      <LongText text={text} />
    </blockquote>
  );
}

/** An answer whose Markdown is too expensive to render, or could not be rendered. */
export function PlainAnswer({ text }: { text: string }) {
  return (
    <div className="grid min-w-0 gap-1.5">
      <p className="text-muted text-xs">Shown as plain text</p>
      <div className={styles}>
        <LongText text={text} />
      </div>
    </div>
  );
}
