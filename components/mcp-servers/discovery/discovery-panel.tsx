import {
  Circle,
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CircleX,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";
import { Asking } from "@/components/mcp-servers/discovery/asking";
import {
  DiscoveryOutcome,
  type OutcomeActions,
} from "@/components/mcp-servers/discovery/discovery-outcome";
import {
  type StepState,
  type StepView,
  stateWords,
  stepsOf,
  summaryOf,
} from "@/components/mcp-servers/discovery/discovery-steps";
import { outcomeWords } from "@/components/mcp-servers/discovery/outcome-words";
import type { DiscoveryRun } from "@/components/mcp-servers/discovery/use-discovery";
import type { FoundSettings } from "@/components/mcp-servers/discovery/use-found-settings";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { cn } from "@/components/ui/class-names";
import { Disclosure } from "@/components/ui/disclosure";
import { Spinner } from "@/components/ui/loading";
import { TextLink } from "@/components/ui/text/text-link";
import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { parseUrl } from "@/lib/parse-url";

/** The outcome in one sentence; below it, folded, the requests and their answers. */
export function DiscoveryPanel({
  run,
  stale,
  found,
  addAction,
  ...actions
}: {
  run: DiscoveryRun;
  /** The form's URL has changed. */
  stale: boolean;
  found: FoundSettings | null;
  /** Saves the form; null: not from here. */
  addAction: ReactNode;
} & OutcomeActions) {
  const { url, lines, end } = run;
  const words = end && outcomeWords(url, end, found);
  return (
    <div className="grid gap-2">
      {stale ? (
        <Callout
          tone="warning"
          title="These results are for a different URL"
          action={
            <Button size="sm" onClick={actions.onAgain}>
              Discover again
            </Button>
          }
        >
          The URL was changed since. What was filled in from here may not be right for it.
        </Callout>
      ) : end ? (
        <DiscoveryOutcome url={url} end={end} found={found} addAction={addAction} {...actions} />
      ) : (
        <Asking url={url} lines={lines} />
      )}
      <Disclosure
        key={end?.outcome ?? "running"}
        title="Checklist"
        summary={end ? summaryOf(lines) : ""}
        defaultOpen={words?.opensChecklist ?? false}
      >
        <div className="-m-4">
          <DiscoveryList steps={stepsOf(lines, end !== null)} />
        </div>
      </Disclosure>
      <p role="status" className="sr-only">
        {words ? `${words.title} ${words.detail}` : `Asking ${parseUrl(url)?.host ?? url}`}
      </p>
    </div>
  );
}

// Each icon has a word beside it, so icons are hidden from screen readers.
const icons: Record<StepState, ReactNode> = {
  running: <Spinner label="" className="text-accent-text" />,
  done: <CircleCheck aria-hidden="true" className="size-4 text-success-text" />,
  absent: <CircleDashed aria-hidden="true" className="size-4 text-muted" />,
  warning: <TriangleAlert aria-hidden="true" className="size-4 text-warning-text" />,
  failed: <CircleX aria-hidden="true" className="size-4 text-danger-text" />,
  waiting: <Circle aria-hidden="true" className="size-4 text-border-strong" />,
  not_reached: <CircleMinus aria-hidden="true" className="size-4 text-faint" />,
};

const tones: Partial<Record<StepState, string>> = {
  done: "text-success-text",
  warning: "text-warning-text",
  failed: "text-danger-text",
  running: "text-accent-text",
};

function DiscoveryList({ steps }: { steps: readonly StepView[] }) {
  return (
    <ol className="divide-y divide-border">
      {steps.map((step) => (
        <Step key={step.step} {...step} />
      ))}
    </ol>
  );
}

function Step({ name, state, lines }: StepView) {
  const begun = lines.length > 0;
  return (
    <li className="flex gap-2.5 px-4 py-2.5">
      <span className="mt-0.5 flex shrink-0">{icons[state]}</span>
      <div className="grid min-w-0 flex-1 gap-1.5">
        <div className="flex items-baseline justify-between gap-3 text-sm">
          <h3 className={cn("font-medium", !begun && "text-muted")}>{name}</h3>
          <span className={cn("shrink-0 text-xs", tones[state] ?? "text-muted")}>
            {stateWords[state]}
          </span>
        </div>
        {begun ? (
          <ul className="grid gap-2">
            {lines.map((line) => (
              <Line key={line.id} line={line} alone={lines.length === 1} />
            ))}
          </ul>
        ) : null}
      </div>
    </li>
  );
}

function Line({ line, alone }: { line: DiscoveryLine; alone: boolean }) {
  const { asked, answered, advice, clause, state } = line;
  const isRequest = /^(GET|POST) /.test(asked);
  return (
    <li className="grid gap-0.5 text-xs">
      <p
        className={cn(
          "text-muted [overflow-wrap:anywhere]",
          isRequest && "font-mono text-2xs tracking-tight",
        )}
      >
        {asked}
      </p>
      <p className="[overflow-wrap:anywhere]">
        {answered === null ? null : (
          <>
            {alone ? null : <span className="sr-only">{stateWords[state]}: </span>}
            {answered}{" "}
          </>
        )}
        <TextLink href={clause.url} external className="whitespace-nowrap font-normal text-2xs">
          {clause.name}
        </TextLink>
      </p>
      {advice ? (
        <p
          className={cn(
            "mt-0.5 border-l-2 pl-2 [overflow-wrap:anywhere]",
            state === "failed" ? "border-danger" : "border-warning",
          )}
        >
          {advice}
        </p>
      ) : null}
    </li>
  );
}
