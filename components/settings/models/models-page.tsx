"use client";

import { useQuery } from "@tanstack/react-query";
import { Cpu, Plus } from "lucide-react";
import { useState } from "react";
import { SettingsNav } from "@/components/settings/settings-nav";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { ModelsView } from "@/lib/contracts/models";
import { modelsQuery } from "@/lib/queries/models";
import { DefaultModel } from "./default-model";
import { OfferDialog } from "./offer-dialog";
import { OfferedModelRow } from "./offered-model-row";
import { ProviderDialog } from "./provider-dialog";
import { ProviderRow } from "./provider-row";

export function ModelsPage() {
  const query = useQuery(modelsQuery());
  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title="Settings"
          description="Which language models answer in the chat, and who can use them."
        />
        <SettingsNav admin />
      </div>
      {query.data ? (
        <Models models={query.data} />
      ) : query.isError ? (
        <LoadProblem
          title="The models could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <ModelsSkeleton />
      )}
    </Page>
  );
}

function Models({ models }: { models: ModelsView }) {
  const { providers, offered } = models;
  const [adding, setAdding] = useState(false);
  /** The provider whose models the dialog lists first; null: it is closed. */
  const [offering, setOffering] = useState<string | null>(null);
  const usable = providers.filter(({ enabled }) => enabled).map(({ name }) => name);
  const dialogs = (
    <>
      <ProviderDialog
        open={adding}
        provider={null}
        onOpenChange={setAdding}
        onAdded={({ name }) => setOffering(name)}
      />
      <OfferDialog
        provider={offering}
        providers={usable}
        offered={offered}
        onClose={() => setOffering(null)}
      />
    </>
  );
  if (providers.length === 0) {
    return (
      <>
        <EmptyState
          icon={<Cpu />}
          title="Connect a language model"
          action={
            <Button variant="primary" onClick={() => setAdding(true)}>
              <Plus aria-hidden="true" />
              Add provider
            </Button>
          }
        >
          Until then, Usher’s built-in assistant answers. It matches a message to one tool by fixed
          rules, so you can try everything else first.
        </EmptyState>
        {dialogs}
      </>
    );
  }
  return (
    <div className="grid gap-8">
      <DefaultModel models={models} />
      <Section
        title="Models"
        description="What assistants can use, and what people can choose in the chat."
        actions={
          <Button disabled={usable.length === 0} onClick={() => setOffering(usable[0] ?? null)}>
            <Plus aria-hidden="true" />
            Offer a model
          </Button>
        }
      >
        {offered.length > 0 ? (
          <Card>
            <ul className="divide-y divide-border">
              {offered.map((model) => (
                <OfferedModelRow key={model.id} model={model} />
              ))}
            </ul>
          </Card>
        ) : (
          <p className="text-muted text-sm">No models offered yet.</p>
        )}
      </Section>
      <Section
        title="Providers"
        description="API keys are encrypted, and are never shown again."
        actions={
          <Button onClick={() => setAdding(true)}>
            <Plus aria-hidden="true" />
            Add provider
          </Button>
        }
      >
        <Card>
          <ul className="divide-y divide-border">
            {providers.map((provider) => (
              <ProviderRow key={provider.name} provider={provider} />
            ))}
          </ul>
        </Card>
      </Section>
      {dialogs}
    </div>
  );
}

function ModelsSkeleton() {
  return (
    <div className="grid gap-8">
      <p role="status" className="sr-only">
        Loading
      </p>
      {["h-20", "h-32", "h-32"].map((height, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change places
        <div key={n} className="grid gap-3">
          <Skeleton className="w-32" />
          <div className={`grid content-start gap-4 rounded-lg border border-border p-4 ${height}`}>
            <Skeleton className="w-2/3" />
          </div>
        </div>
      ))}
    </div>
  );
}
