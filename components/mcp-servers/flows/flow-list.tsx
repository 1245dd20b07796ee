"use client";

import { useQuery } from "@tanstack/react-query";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Select } from "@/components/ui/fields/select";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Section } from "@/components/ui/section";
import type { FlowView } from "@/lib/contracts/servers/flow";
import { flowsQuery } from "@/lib/queries/mcp-servers";
import { FlowRow } from "./flow-row";

const shownAtFirst = 8;

const choices = [
  { value: "all", label: "All flows" },
  { value: "problems", label: "Problems" },
  { value: "AUTHORIZATION", label: "Authorizations" },
  { value: "REFRESH", label: "Refreshes" },
] as const;

export function FlowSection({ serverId }: { serverId: string }) {
  const query = useQuery(flowsQuery(serverId));
  const [named, setChoice] = useUrlState("flows");
  const choice = choices.find(({ value }) => value === named)?.value ?? "all";
  const [all, setAll] = useUrlState("all-flows");
  const flows = query.data?.flows ?? [];
  return (
    <Section
      title="Flows"
      description="Authorizations, refreshes and revocations from the last 30 days, step by step. Secrets are removed before anything is stored."
      actions={
        flows.length > 0 ? (
          <div className="w-40">
            <Select
              aria-label="Which flows"
              options={choices}
              value={choice}
              onValueChange={(value) => setChoice(value === "all" ? "" : value, "push")}
            />
          </div>
        ) : null
      }
    >
      {query.isError ? (
        <LoadProblem
          title="The flows could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : query.data ? (
        <Flows
          flows={flows.filter((flow) => isChosen(flow, choice))}
          choice={choice}
          all={all !== ""}
          onAll={() => setAll("1")}
        />
      ) : (
        <Skeleton className="h-32 w-full" />
      )}
    </Section>
  );
}

function isChosen({ kind, outcome }: FlowView, choice: string): boolean {
  if (choice === "all") return true;
  if (choice === "problems") return !["succeeded", "waiting"].includes(outcome);
  return kind === choice;
}

function Flows({
  flows,
  choice,
  all,
  onAll,
}: {
  flows: readonly FlowView[];
  choice: string;
  all: boolean;
  onAll: () => void;
}) {
  const shown = all ? flows : flows.slice(0, shownAtFirst);
  if (flows.length === 0) {
    return (
      <p className="rounded-lg border border-border px-4 py-6 text-center text-muted text-sm">
        {choice === "all"
          ? "No flows yet. The first authorization appears here."
          : "No matching flows in the last 30 days."}
      </p>
    );
  }
  return (
    <div className="grid min-w-0 gap-3">
      <Card className="overflow-hidden">
        <ul className="divide-y divide-border">
          {shown.map((flow) => (
            <FlowRow key={flow.id} flow={flow} />
          ))}
        </ul>
      </Card>
      {shown.length < flows.length ? (
        <Button className="justify-self-center" onClick={onAll}>
          Show all {counted(flows.length, "flow", "flows")}
        </Button>
      ) : null}
    </div>
  );
}
