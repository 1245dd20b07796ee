"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { TwoLines } from "@/components/ui/text/two-lines";
import { formatDuration } from "@/lib/contracts/format";
import type { FlowView } from "@/lib/contracts/servers/flow";
import { FlowStepView } from "./flow-step";
import { flowNames, flowPeople, flowSummary, outcomeBadges } from "./flow-words";

/** A flow, closed to three lines. Its steps are made when it is first opened. */
export function FlowRow({ flow }: { flow: FlowView }) {
  const [opened, setOpened] = useState(false);
  const { words, tone } = outcomeBadges[flow.outcome];
  return (
    <li>
      <details
        onToggle={(event) => {
          if (event.target === event.currentTarget && event.currentTarget.open) setOpened(true);
        }}
        className="group/flow min-w-0"
      >
        <summary className="flex list-none items-start gap-2 px-3 py-2.5 text-sm hover:bg-hover focus-visible:-outline-offset-2">
          <ChevronRight
            aria-hidden="true"
            className="mt-0.5 size-4 shrink-0 text-faint transition-transform group-open/flow:rotate-90"
          />
          <span className="grid min-w-0 flex-1 gap-0.5">
            <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
              <span className="font-medium">{flowNames[flow.kind]}</span>
              <Badge tone={tone}>{words}</Badge>
              <span className="text-muted text-xs sm:ml-auto">
                {flow.durationMs === null ? null : `${formatDuration(flow.durationMs)} · `}
                <RelativeTime value={flow.at} />
              </span>
            </span>
            <span className="text-muted text-xs [overflow-wrap:anywhere]">{flowPeople(flow)}</span>
            {flow.outcome === "succeeded" ? null : (
              <TwoLines text={flowSummary(flow)} className="text-xs group-open/flow:hidden" />
            )}
          </span>
        </summary>
        {opened ? (
          <div className="grid min-w-0 gap-3 px-3 pt-1 pb-4 sm:pl-9">
            <p className="text-sm [overflow-wrap:anywhere]">{flowSummary(flow)}</p>
            {flow.steps.length > 0 ? (
              <ol className="grid min-w-0 gap-3">
                {flow.steps.map((step, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a step's place is what it is
                  <FlowStepView key={index} step={step} />
                ))}
              </ol>
            ) : (
              <p className="text-muted text-sm">Nothing was sent to the provider.</p>
            )}
          </div>
        ) : null}
      </details>
    </li>
  );
}
