import {
  Circle,
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CircleX,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/class-names";
import { Spinner } from "@/components/ui/spinner";
import { TextLink } from "@/components/ui/text/text-link";
import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { type StepState, type StepView, stateWords } from "./discovery-steps";

// Beside each icon stands its word, so the icons say nothing to a screen reader.
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

export function DiscoveryList({ steps }: { steps: readonly StepView[] }) {
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

/** What was asked, what came back, what to do, and where it is written. */
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
