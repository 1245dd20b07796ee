"use client";

import { useQuery } from "@tanstack/react-query";
import { LoadProblem } from "@/components/connections/load-problem";
import { Page, PageHeader } from "@/components/ui/page-header";
import { assistantFormContextQuery } from "@/lib/queries/assistants";
import { AssistantForm } from "./assistant-form";
import { AssistantFormSkeleton } from "./assistant-form-skeleton";

export function NewAssistant() {
  const query = useQuery(assistantFormContextQuery());
  return (
    <Page width="narrow">
      <PageHeader
        title="New assistant"
        description="Choose its instructions and the tools it can call."
        breadcrumbs={[{ label: "Assistants", href: "/assistants" }]}
      />
      {query.data ? (
        <AssistantForm context={query.data} stored={null} />
      ) : query.isError ? (
        <LoadProblem
          title="The form could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <AssistantFormSkeleton />
      )}
    </Page>
  );
}
