import { ExternalLink } from "lucide-react";
import { type ComponentProps, memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { markdownBlocks } from "@/components/chat/markdown/markdown-blocks";
import { drawsAsMarkdown } from "@/components/chat/markdown/markdown-limits";
import { PlainAnswer } from "@/components/chat/markdown/plain-text";
import { cn } from "@/components/ui/class-names";
import { CodeBlock, InlineCode } from "@/components/ui/text/code-block";

const linkStyles =
  "rounded-xs text-accent-text underline decoration-accent-border underline-offset-3 [overflow-wrap:anywhere] hover:decoration-current";

/** A link written by a model or a server: it opens separately, learns nothing about this page, earns no rank. */
function OutwardLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (!href) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className={linkStyles}>
      {children}
    </a>
  );
}

/** Loading it would tell a stranger's server who reads this, with whatever the model put in the URL. */
function ImageAsLink({ src, alt }: ComponentProps<"img">) {
  const href = typeof src === "string" ? src : undefined;
  return (
    <OutwardLink href={href}>
      <ExternalLink aria-hidden="true" className="mr-1 inline size-3.5 align-[-2px]" />
      {alt ? `Image: ${alt}` : "Image"}
    </OutwardLink>
  );
}

function codeOf(children: ReactNode): { code: string; language: string | undefined } {
  const element = children as { props?: { children?: ReactNode; className?: string } } | null;
  const language = /language-([\w+#.-]+)/.exec(element?.props?.className ?? "")?.[1];
  return { code: String(element?.props?.children ?? "").replace(/\n$/, ""), language };
}

/** A language says something about the code; "text" does not. */
function titleOf(language: string | undefined): string | undefined {
  return language === "text" || language === "plaintext" ? undefined : language;
}

/** Words are not broken, and the table scrolls sideways; only a word wider than the table is broken. */
function Cell({ children }: { children: ReactNode }) {
  return <div className="min-w-12 max-w-80 [overflow-wrap:break-word]">{children}</div>;
}

/** All headings share one level: they stand inside a message, whose own heading is above them. */
function heading(className: string) {
  return ({ children }: { children?: ReactNode }) => (
    <h4 className={cn("mt-5 mb-1.5 font-semibold tracking-tight first:mt-0", className)}>
      {children}
    </h4>
  );
}

const components: Components = {
  a: ({ href, children }) => <OutwardLink href={href}>{children}</OutwardLink>,
  img: ({ src, alt }) => <ImageAsLink src={src} alt={alt} />,
  code: ({ children }) => <InlineCode>{children}</InlineCode>,
  pre: ({ children }) => {
    const { code, language } = codeOf(children);
    return (
      <CodeBlock code={code} title={titleOf(language)} className="my-3" codeClassName="max-h-96" />
    );
  },
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <div tabIndex={0} className="my-3 overflow-x-auto rounded-lg border border-border">
      <table className="w-full border-collapse text-sm">{children}</table>
    </div>
  ),
  th: ({ children, style }) => (
    <th
      style={style}
      className="border-border border-b bg-sunken px-3 py-1.5 text-left font-medium text-muted"
    >
      <Cell>{children}</Cell>
    </th>
  ),
  td: ({ children, style }) => (
    <td
      style={style}
      className="border-border border-b px-3 py-1.5 align-top last:[tr:last-child_&]:border-b-0 [tr:last-child_&]:border-b-0"
    >
      <Cell>{children}</Cell>
    </td>
  ),
  input: ({ checked }) => (
    <input
      type="checkbox"
      checked={checked ?? false}
      disabled
      aria-label={checked ? "Done" : "To do"}
      className="mr-1.5 align-[-2px] accent-(--accent)"
    />
  ),
  h1: heading("text-lg"),
  h2: heading("text-lg"),
  h3: heading("text-base"),
  h4: heading("text-base"),
  h5: heading("text-sm"),
  h6: heading("text-sm"),
};

const textStyles = cn(
  "min-w-0 text-base leading-6 [overflow-wrap:anywhere]",
  "[&>*:first-child]:mt-0 [&>*:last-child]:mb-0 [&_p]:my-2.5",
  "[&_ol]:my-2.5 [&_ol]:list-decimal [&_ol]:pl-5.5 [&_ul]:my-2.5 [&_ul]:list-disc [&_ul]:pl-5",
  "[&_li]:my-1 [&_li]:pl-0.5 [&_li>ol]:my-1 [&_li>p]:my-1 [&_li>ul]:my-1 [&_li]:marker:text-faint",
  "[&_.contains-task-list]:list-none [&_.contains-task-list]:pl-0.5",
  "[&_blockquote]:my-3 [&_blockquote]:border-border-strong [&_blockquote]:border-l-2 [&_blockquote]:pl-3 [&_blockquote]:text-muted",
  "[&_hr]:my-5 [&_hr]:border-border [&_strong]:font-semibold [&_del]:text-muted",
);

const plugins = [remarkGfm, withoutHtml];

/** HTML is plain text, for the parser too: no HTML blocks, in which Markdown would not be parsed. */
function withoutHtml(this: { data(): object }) {
  const data: { micromarkExtensions?: object[] } = this.data();
  data.micromarkExtensions ??= [];
  data.micromarkExtensions.push({ disable: { null: ["htmlFlow", "htmlText"] } });
}

/**
 * An answer's Markdown. HTML in it is shown as text, and nothing in it is fetched. What is too expensive to
 * parse and render is shown as plain text.
 */
export const Markdown = memo(function Markdown({
  text,
  streaming = false,
}: {
  text: string;
  /** More of it is on its way. */
  streaming?: boolean;
}) {
  if (!drawsAsMarkdown(text).should) return <PlainAnswer text={text} />;
  const blocks = markdownBlocks(text);
  return (
    <div className={textStyles}>
      {blocks.map((block, index) => (
        <MarkdownBlock
          // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end
          key={index}
          text={streaming && index === blocks.length - 1 ? closeUnfinishedMarks(block) : block}
        />
      ))}
    </div>
  );
});

/** Rendered again only when its own text changes. */
export const MarkdownBlock = memo(function MarkdownBlock({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

/**
 * Markdown that is still being written, with the marks closed that its last lines left open: bold
 * words are bold from their first letter on, and nothing jumps when the closing mark arrives.
 */
export function closeUnfinishedMarks(text: string): string {
  if (endsInsideFence(text)) return text;
  const from = text.lastIndexOf("\n\n") + 1;
  return text.slice(0, from) + closeInline(text.slice(from));
}

function endsInsideFence(text: string): boolean {
  const fences = text.match(/^ {0,3}(?:```|~~~)/gm) ?? [];
  return fences.length % 2 === 1;
}

function closeInline(tail: string): string {
  const ended = tail
    // A link with an incomplete address shows only its text.
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*$/, "$1")
    // Half a mark, or one that does not open anything yet; one that closes is restored below.
    .replace(/(?:\*{1,3}|_{1,2}|`)$/, "");
  if (count(ended, /`/g) % 2 === 1) return `${ended}\``;
  const outsideCode = ended.replace(/`[^`]*`/g, "");
  return count(outsideCode, /\*\*/g) % 2 === 1 ? `${ended.trimEnd()}**` : ended;
}

function count(text: string, mark: RegExp): number {
  return text.match(mark)?.length ?? 0;
}
