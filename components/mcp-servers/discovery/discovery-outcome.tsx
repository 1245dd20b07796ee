import type { ReactNode } from "react";
import { type OutcomeWords, outcomeWords } from "@/components/mcp-servers/discovery/outcome-words";
import type { DiscoveryEnd } from "@/components/mcp-servers/discovery/use-discovery";
import type { FoundSettings } from "@/components/mcp-servers/discovery/use-found-settings";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { InlineCode } from "@/components/ui/text/code-block";
import type { KeptValue } from "./discovered-values";

export type OutcomeActions = {
  onReplace: () => void;
  onUndo: () => void;
  onAgain: () => void;
  /** Uses the URL that the server redirected to. */
  onCorrect: (url: string) => void;
  /** Takes the person to what is left to enter. */
  onEnter: (field: Extract<OutcomeWords["next"], { do: "enter" }>["field"]) => void;
};

/** The outcome in one sentence, and the one thing to do next. */
export function DiscoveryOutcome({
  url,
  end,
  found,
  addAction,
  ...actions
}: {
  url: string;
  end: DiscoveryEnd;
  found: FoundSettings | null;
  /** What saves the form if nothing is left to enter; null: the form is saved further below. */
  addAction: ReactNode;
} & OutcomeActions) {
  const { tone, title, detail, next } = outcomeWords(url, end, found);
  const keeps = found !== null && found.kept.length > 0;
  return (
    <Callout
      tone={keeps ? "warning" : tone}
      title={title}
      action={
        <>
          {keeps ? (
            <Button size="sm" onClick={actions.onReplace}>
              Use found settings
            </Button>
          ) : null}
          {found?.undoable ? (
            <Button size="sm" variant="ghost" onClick={actions.onUndo}>
              Undo
            </Button>
          ) : null}
          <Next next={next} addAction={addAction} {...actions} />
        </>
      }
    >
      {detail || keeps ? (
        <>
          {detail}{" "}
          {next?.do === "correct" ? <InlineCode className="text-2xs">{next.url}</InlineCode> : null}
          {keeps ? <KeptValues kept={found.kept} /> : null}
        </>
      ) : null}
    </Callout>
  );
}

function Next({
  next,
  addAction,
  onAgain,
  onCorrect,
  onEnter,
}: { next: OutcomeWords["next"]; addAction: ReactNode } & OutcomeActions) {
  switch (next?.do) {
    case undefined:
      return null;
    case "add":
      return addAction;
    case "again":
      return (
        <Button size="sm" onClick={onAgain}>
          Try again
        </Button>
      );
    case "correct":
      return (
        <Button size="sm" variant="primary" onClick={() => onCorrect(next.url)}>
          Use this URL
        </Button>
      );
    case "enter":
      return (
        <Button size="sm" variant="primary" onClick={() => onEnter(next.field)}>
          {next.label}
        </Button>
      );
    default:
      return next satisfies never;
  }
}

function KeptValues({ kept }: { kept: readonly KeptValue[] }) {
  return (
    <div className="mt-2 grid gap-1.5 text-xs">
      <p>Your values were kept where discovery found something else:</p>
      <dl className="grid gap-1.5">
        {kept.map(({ label, own, found }) => (
          <div key={label}>
            <dt className="font-medium text-text">{label}</dt>
            <dd className="whitespace-pre-line">Yours: {own}</dd>
            <dd className="whitespace-pre-line">Found: {found}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
