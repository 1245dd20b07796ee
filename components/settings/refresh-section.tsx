"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { needWords } from "@/components/connections/standing-summary";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { Section } from "@/components/ui/section";
import { InlineCode } from "@/components/ui/text/code-block";
import { RelativeTime, useNow } from "@/components/ui/text/relative-time";
import { sweepState } from "@/lib/contracts/connections/sweep-state";
import type { SettingsView } from "@/lib/contracts/settings";

type Sweep = NonNullable<SettingsView["lastSweep"]>;

export function RefreshSection({ settings }: { settings: SettingsView }) {
  const { lastSweep, selfHosted, cronSecretSet } = settings;
  const now = useNow();
  const late = now !== null && sweepState(lastSweep, now) === "late";
  const next = selfHosted
    ? "It runs on a timer inside Usher. Check the server log."
    : "Vercel Cron calls it. Check the project’s cron jobs and CRON_SECRET.";

  return (
    <Section
      title="Token refresh"
      actions={
        <Button asChild size="sm">
          <Link href="/refreshes">View refreshes</Link>
        </Button>
      }
      description="Every 5 minutes, a sweep refreshes tokens expiring within 10 minutes, so that calls do not have to wait."
    >
      {lastSweep?.error ? (
        <Callout tone="danger" title="The last sweep failed">
          {lastSweep.error}
        </Callout>
      ) : null}
      {late && lastSweep ? (
        <Callout tone="warning" title="The sweep is late">
          The last one started <RelativeTime value={lastSweep.startedAt} />. {next} Until it runs,
          each token is refreshed by the first call that needs it.
        </Callout>
      ) : null}
      <Card>
        <DefinitionList
          items={[
            {
              term: "Last sweep",
              value: lastSweep ? (
                <LastSweep sweep={lastSweep} />
              ) : (
                <span className="text-muted">None yet. {next}</span>
              ),
            },
            {
              term: "CRON_SECRET",
              value: <CronSecret set={cronSecretSet} selfHosted={selfHosted} />,
            },
          ]}
        />
      </Card>
    </Section>
  );
}

function LastSweep({ sweep }: { sweep: Sweep }) {
  const { startedAt, finishedAt, refreshed, failed, deferred } = sweep;
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
      <RelativeTime value={startedAt} />
      {finishedAt ? (
        <>
          <Badge tone={refreshed > 0 ? "success" : "neutral"}>{refreshed} refreshed</Badge>
          <Badge tone={failed > 0 ? "danger" : "neutral"}>{needWords(failed)}</Badge>
          <Badge tone={deferred > 0 ? "warning" : "neutral"}>{deferred} retried later</Badge>
        </>
      ) : (
        <Badge tone="info" dot>
          Under way
        </Badge>
      )}
      {failed + deferred > 0 ? (
        <span className="basis-full text-muted text-xs">
          {failed > 0 ? "Needs re-authorization: the server’s page shows why. " : null}
          {deferred > 0 ? "Retried later: the provider could not be reached." : null}
        </span>
      ) : null}
    </span>
  );
}

function CronSecret({ set, selfHosted }: { set: boolean; selfHosted: boolean }): ReactNode {
  const path = <InlineCode>/api/cron/refresh-tokens</InlineCode>;
  if (set) {
    return (
      <Fact badge={<Badge tone="success">Set</Badge>}>
        {path} runs a sweep for callers that send it.
      </Fact>
    );
  }
  return selfHosted ? (
    <Fact badge={<Badge>Not set</Badge>}>
      Not needed: the timer inside Usher runs the sweep. {path} rejects all requests.
    </Fact>
  ) : (
    <Fact badge={<Badge tone="danger">Not set</Badge>}>
      {path} rejects all requests, including those from Vercel Cron. Set it and redeploy.
    </Fact>
  );
}

function Fact({ badge, children }: { badge: ReactNode; children: ReactNode }) {
  return (
    <span className="grid justify-items-start gap-1">
      {badge}
      <span className="text-muted">{children}</span>
    </span>
  );
}
