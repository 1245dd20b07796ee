import {
  Circle,
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CircleX,
  TriangleAlert,
  X,
} from "lucide-react";
import type { ReactNode } from "react";
import { DiscoveryOutcome } from "@/components/mcp-servers/discovery/discovery-outcome";
import {
  latestInWords,
  type StepState,
  type StepView,
  stateWords,
  stepsOf,
  summaryOf,
} from "@/components/mcp-servers/discovery/discovery-steps";
import type { DiscoveryRun, FoundSettings } from "@/components/mcp-servers/discovery/use-discovery";
import { counted } from "@/components/mcp-servers/server-words";
import { Button, IconButton } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardHeader } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { Spinner } from "@/components/ui/loading";
import { TextLink } from "@/components/ui/text/text-link";
import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";

export function DiscoveryPanel({
  run,
  stale,
  found,
  onReplace,
  onUndo,
  onAgain,
  onCorrect,
  onDismiss,
}: {
  run: DiscoveryRun;
  /** The form's URL has changed. */
  stale: boolean;
  found: FoundSettings | null;
  onReplace: () => void;
  onUndo: () => void;
  onAgain: () => void;
  /** Takes the address that the server redirected to. */
  onCorrect: (url: string) => void;
  onDismiss: () => void;
}) {
  const { url, lines, end } = run;
  return (
    <Card>
      <CardHeader
        headingLevel="h3"
        className="flex-nowrap"
        title="Discovery"
        description={
          <span className="line-clamp-2 font-mono text-xs tracking-tight [overflow-wrap:anywhere]">
            {url}
          </span>
        }
        actions={
          <>
            {end ? <span className="text-muted text-xs">{summaryOf(lines)}</span> : null}
            <IconButton label="Close discovery" size="sm" onClick={onDismiss}>
              <X aria-hidden="true" />
            </IconButton>
          </>
        }
      />
      {stale ? (
        <div className="border-border border-b p-3">
          <Callout
            tone="warning"
            title="These results are for a different URL"
            action={
              <Button size="sm" onClick={onAgain}>
                Discover again
              </Button>
            }
          >
            The URL was changed since. What was filled in from here may not be right for it.
          </Callout>
        </div>
      ) : null}
      <DiscoveryList steps={stepsOf(lines, end !== null)} />
      {end ? (
        <div className="border-border border-t p-3">
          <DiscoveryOutcome
            end={end}
            found={found}
            onReplace={onReplace}
            onUndo={onUndo}
            onAgain={onAgain}
            onCorrect={onCorrect}
          />
        </div>
      ) : null}
      <p role="status" className="sr-only">
        {end ? endInWords(run, found?.kept.length ?? 0) : latestInWords(lines)}
      </p>
    </Card>
  );
}

/** Announced once. */
function endInWords({ lines, end }: DiscoveryRun, kept: number): string {
  const own =
    kept === 0 ? "" : ` ${counted(kept, "value of yours was", "values of yours were")} kept.`;
  switch (end?.outcome) {
    case "oauth":
      return `Discovery finished: ${summaryOf(lines)}. OAuth 2.0 was found.${own}`;
    case "open":
      return `Discovery finished: ${summaryOf(lines)}. The server requires no authentication.${own}`;
    case "cancelled":
      return "Discovery was stopped.";
    default:
      return `Discovery failed. ${end?.reason ?? ""}`;
  }
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
          <h4 className={cn("font-medium", !begun && "text-muted")}>{name}</h4>
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
