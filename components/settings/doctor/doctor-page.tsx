"use client";

import { CircleCheck, CircleMinus, CircleX, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useDoctor } from "@/components/settings/doctor/use-doctor";
import { SettingsNav } from "@/components/settings/settings-nav";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { CopyButton } from "@/components/ui/text/copy-button";
import {
  type DoctorCheckId,
  type DoctorResult,
  type DoctorStatus,
  doctorChecks,
  doctorGroups,
  inOrder,
  resultText,
  summarize,
} from "@/lib/contracts/doctor";

const ids = Object.keys(doctorChecks) as DoctorCheckId[];
const groups = Object.keys(doctorGroups) as (keyof typeof doctorGroups)[];

export function DoctorPage({ publicUrl }: { publicUrl: string }) {
  const { examination, start } = useDoctor(publicUrl);
  const { results, arrived, state, reason } = examination;
  const isRunning = state === "running";
  const resultOf = (id: DoctorCheckId) => results.find((each) => each.id === id) ?? null;

  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title="Settings"
          description="Checks this installation and says how to fix what it finds. In a terminal: npm run doctor."
        />
        <SettingsNav admin />
      </div>
      {/* Nothing here changes its size when the results arrive: everything below would move. */}
      <div className="grid items-center gap-x-4 gap-y-2 sm:grid-cols-[1fr_auto]">
        <p role="status" className="text-muted text-sm">
          {isRunning ? `Checking … ${arrived} of ${ids.length}` : summarize(results)}
        </p>
        <div className="flex items-center gap-2">
          <CopyButton
            label="Copy results"
            value={inOrder(results).map(resultText).join("\n")}
            size="md"
            disabled={isRunning}
          />
          <Button loading={isRunning} onClick={start}>
            Check again
          </Button>
        </div>
      </div>
      {state === "broken" ? (
        <Callout tone="danger" title="The checks did not finish" announce>
          {reason}
        </Callout>
      ) : null}
      <div className="grid gap-8" aria-busy={isRunning}>
        {results.length === 0 ? <WaitingRows /> : null}
        {(results.length === 0 ? [] : groups).map((group) => (
          <Section key={group} title={doctorGroups[group]}>
            <Card>
              <ul className="divide-y divide-border">
                {ids
                  .filter((id) => doctorChecks[id].group === group)
                  .map((id) => (
                    <ResultRow key={id} id={id} result={resultOf(id)} />
                  ))}
              </ul>
            </Card>
          </Section>
        ))}
      </div>
    </Page>
  );
}

const looks: Record<DoctorStatus, { word: string; color: string; icon: ReactNode }> = {
  ok: { word: "OK", color: "text-success-text", icon: <CircleCheck className="size-4" /> },
  warning: {
    word: "Warning",
    color: "text-warning-text",
    icon: <TriangleAlert className="size-4" />,
  },
  failed: { word: "Failed", color: "text-danger-text", icon: <CircleX className="size-4" /> },
  skipped: { word: "Skipped", color: "text-muted", icon: <CircleMinus className="size-4" /> },
};

function ResultRow({ id, result }: { id: DoctorCheckId; result: DoctorResult | null }) {
  const look = result && looks[result.status];
  return (
    <li className="flex gap-2.5 px-4 py-3 text-sm">
      <span aria-hidden="true" className={cn("mt-0.5 size-4 shrink-0", look?.color)}>
        {look?.icon}
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span className="font-medium">{doctorChecks[id].title}</span>
          <span className={cn("text-xs", look?.color ?? "text-muted")}>
            {look ? look.word : "Not checked"}
          </span>
        </p>
        {result ? <p className="text-muted [overflow-wrap:anywhere]">{result.finding}</p> : null}
        {result?.fix ? (
          <p
            className={cn(
              "mt-1.5 border-l-2 pl-2.5 [overflow-wrap:anywhere]",
              result.status === "failed" ? "border-danger" : "border-warning",
            )}
          >
            {result.fix}
          </p>
        ) : null}
      </div>
    </li>
  );
}

/** Shaped like the groups of results that replace it. */
function WaitingRows() {
  return groups.map((group) => (
    <div key={group} className="grid gap-3">
      <Skeleton className="w-32" />
      <Card>
        <div className="grid divide-y divide-border">
          {ids
            .filter((id) => doctorChecks[id].group === group)
            .map((id) => (
              <div key={id} className="grid gap-2 px-4 py-3">
                <Skeleton className="w-40" />
                <Skeleton className="w-full max-w-80" />
              </div>
            ))}
        </div>
      </Card>
    </div>
  ));
}
