"use client";

import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { SettingsNav } from "@/components/settings/settings-nav";
import { administers } from "@/components/shell/navigation";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { TextLink } from "@/components/ui/text/text-link";
import type { ApiKeyList } from "@/lib/contracts/api-keys";
import type { Role } from "@/lib/contracts/people/person";
import { apiKeysQuery } from "@/lib/queries/api-keys";
import { CreateKeyDialog } from "./create-key-dialog";
import { KeyList } from "./key-list";

export function ApiKeysPage({ role }: { role: Role }) {
  const query = useQuery(apiKeysQuery());
  const [creating, setCreating] = useState(false);
  const keys = query.data;
  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title="Settings"
          description={
            <>
              For programs that call <TextLink href="/settings/api">Usher’s API</TextLink>.
            </>
          }
          actions={
            <Button variant="primary" disabled={!keys} onClick={() => setCreating(true)}>
              <Plus aria-hidden="true" />
              Create key
            </Button>
          }
        />
        <SettingsNav admin={administers[role]} />
      </div>
      {keys ? (
        <>
          <KeySections keys={keys} onCreate={() => setCreating(true)} />
          <CreateKeyDialog open={creating} offered={keys.offered} onOpenChange={setCreating} />
        </>
      ) : query.isError ? (
        <LoadProblem
          title="The API keys could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <KeysSkeleton />
      )}
    </Page>
  );
}

function KeySections({ keys, onCreate }: { keys: ApiKeyList; onCreate: () => void }) {
  const { own, team } = keys;
  const services = team?.services ?? [];
  const others = team?.others ?? [];
  if (own.length + services.length + others.length === 0) {
    return (
      <EmptyState
        icon={<KeyRound />}
        title="No API keys yet"
        action={<Button onClick={onCreate}>Create key</Button>}
      >
        A key acts as you{team ? " or as a service" : ""}, within the access that you choose.
      </EmptyState>
    );
  }
  return (
    <div className="grid gap-8">
      <Section title="Your keys" description="They act as you, and never do more than your role.">
        {own.length > 0 ? <KeyList keys={own} /> : <p className="text-muted text-sm">None yet.</p>}
      </Section>
      {services.length > 0 ? (
        <Section title="Services" description="Team keys. Each has its own role.">
          <KeyList keys={services} />
        </Section>
      ) : null}
      {others.length > 0 ? (
        <Section title="Other people’s keys" description="You can revoke them.">
          <KeyList keys={others} showsOwner />
        </Section>
      ) : null}
    </div>
  );
}

function KeysSkeleton() {
  return (
    <div className="divide-y divide-border rounded-lg border border-border">
      <p role="status" className="sr-only">
        Loading
      </p>
      {["w-32", "w-44"].map((width) => (
        <div key={width} className="grid gap-2 px-4 py-3.5">
          <Skeleton className={width} />
          <Skeleton className="h-3 w-64 max-w-full" />
        </div>
      ))}
    </div>
  );
}
