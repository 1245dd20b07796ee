import { lazy, Suspense, useMemo, useState } from "react";
import { imageWords } from "@/components/chat/tool-images/read-tool-image";
import { ToolImageView } from "@/components/chat/tool-images/tool-image";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/loading";
import { CodeBlock } from "@/components/ui/text/code-block";
import { oneLine, visible } from "@/lib/untrusted-text";
import type { ToolCall } from "./tool-call";
import { prettyJson, type ResultPiece, readToolResult } from "./tool-call-text";

const AlwaysAllowedNote = lazy(() => import("./always-allowed-note"));

const box = "max-h-72";
/** For one answer, rendered at a time. */
const most = { pieces: 10, characters: 4_000 };

/** A call's arguments and result: as text, in scrolling boxes, with nothing fetched. */
export function ToolCallDetails({ call }: { call: ToolCall }) {
  const { part, account } = call;
  return (
    <div className="grid gap-2 border-border border-t bg-background p-3">
      {account ? (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 px-1 pb-1 text-xs [overflow-wrap:anywhere] [&_dt]:text-muted">
          <dt>Tool</dt>
          <dd className="font-mono">
            <bdi>{oneLine(account.toolName)}</bdi>
          </dd>
          <dt>Server</dt>
          <dd>
            <bdi>{account.serverName}</bdi>
          </dd>
          <dt>Acts as</dt>
          <dd>
            <bdi>{account.actingAs}</bdi>
          </dd>
        </dl>
      ) : null}
      {account?.alwaysAllowedId ? (
        <Suspense fallback={<Skeleton className="h-7 w-64 max-w-full" />}>
          <AlwaysAllowedNote id={account.alwaysAllowedId} title={call.title} />
        </Suspense>
      ) : null}
      <CodeBlock
        title="Arguments"
        code={hasArguments(part.input) ? visible(prettyJson(part.input)) : "None"}
        wrap
        copy={hasArguments(part.input)}
        codeClassName="max-h-56"
      />
      {part.state === "output-available" ? (
        <Result output={part.output} toolTitle={call.title} />
      ) : null}
      {part.state === "output-error" ? (
        <CodeBlock
          title={outcomeTitles[call.phase] ?? "What the server said"}
          code={outcomeText(call) ?? part.errorText}
          wrap
          codeClassName={box}
        />
      ) : null}
    </div>
  );
}

const outcomeTitles: Partial<Record<ToolCall["phase"], string>> = {
  failed: "Error",
  skipped: "Skipped",
  stopped: "Stopped",
  interrupted: "Interrupted",
};

/** The stored text addresses the model; this text addresses the person. */
function outcomeText({ phase }: ToolCall): string | null {
  return phase === "skipped" ? "This call was skipped. It did not run." : null;
}

function Result({ output, toolTitle }: { output: unknown; toolTitle: string }) {
  const { pieces, truncated } = useMemo(() => readToolResult(output), [output]);
  const [presses, setPresses] = useState(0);
  const shown = firstOf(pieces) + presses * most.pieces;
  return (
    <>
      {pieces.length === 0 ? (
        <p className="px-1 text-muted text-xs">The tool returned no content.</p>
      ) : null}
      {pieces.slice(0, shown).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an answer does not change once it is there
        <Piece key={index} piece={piece} index={index} toolTitle={toolTitle} />
      ))}
      {pieces.length > shown ? (
        <Button size="sm" className="justify-self-start" onClick={() => setPresses(presses + 1)}>
          Show more ({pieces.length - shown} parts left)
        </Button>
      ) : null}
      {truncated ? (
        <p className="px-1 text-warning-text text-xs">
          Truncated: the result was longer than Usher stores.
        </p>
      ) : null}
    </>
  );
}

/** As many pieces as are rendered at first; at least one. */
function firstOf(pieces: readonly ResultPiece[]): number {
  let characters = 0;
  const end = pieces.findIndex((piece) => {
    characters += piece.kind === "text" ? piece.text.length : 0;
    return characters > most.characters;
  });
  return Math.min(end < 0 ? pieces.length : end + 1, most.pieces);
}

function Piece({
  piece,
  index,
  toolTitle,
}: {
  piece: ResultPiece;
  index: number;
  toolTitle: string;
}) {
  if (piece.kind === "text") {
    const title = piece.title ? `Result · ${oneLine(piece.title)}` : "Result";
    return <CodeBlock title={title} code={piece.text} wrap codeClassName={box} />;
  }
  if (piece.kind === "image") {
    return (
      <div className="max-w-full overflow-hidden justify-self-start rounded-lg border border-border">
        <ToolImageView
          image={piece.image}
          alt={imageWords(piece.image, index, toolTitle)}
          className="h-auto max-h-72 w-auto"
        />
      </div>
    );
  }
  return (
    <p className="px-1 text-muted text-xs [overflow-wrap:anywhere]">
      {piece.url ? (
        <a
          href={piece.url}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="rounded-xs underline underline-offset-3"
        >
          {oneLine(piece.title)}
        </a>
      ) : (
        oneLine(piece.title)
      )}
    </p>
  );
}

function hasArguments(input: unknown): boolean {
  return typeof input === "object" && input !== null && Object.keys(input).length > 0;
}
