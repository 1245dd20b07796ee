"use client";

import { useQuery } from "@tanstack/react-query";
import { LoadProblem } from "@/components/connections/load-problem";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { assistantFormContextQuery, assistantQuery } from "@/lib/queries/assistants";
import { AssistantForm } from "./assistant-form";
import { AssistantFormSkeleton } from "./assistant-form-skeleton";
import { DeleteAssistant } from "./delete-assistant";

export function EditAssistant({ assistantId }: { assistantId: string }) {
  const stored = useQuery(assistantQuery(assistantId));
  const context = useQuery(assistantFormContextQuery());
  const failed = [stored, context].find((query) => query.isError && !query.data);

  return (
    <Page width="narrow">
      <PageHeader
        title={stored.data?.name ?? <Skeleton className="my-1 h-5 w-44" />}
        description={
          stored.data ? (
            <>
              Changed <RelativeTime value={stored.data.updatedAt} />
            </>
          ) : (
            <Skeleton className="my-0.75 w-36" />
          )
        }
        breadcrumbs={[{ label: "Assistants", href: "/assistants" }]}
        actions={
          stored.data ? (
            <DeleteAssistant assistant={stored.data} />
          ) : (
            <Skeleton className="h-8 w-20 rounded-md" />
          )
        }
      />
      {stored.data && context.data ? (
        <AssistantForm key={assistantId} context={context.data} stored={stored.data} />
      ) : failed?.error ? (
        <LoadProblem
          title="The assistant could not be loaded"
          error={failed.error}
          retrying={failed.isFetching}
          onRetry={() => void failed.refetch()}
        />
      ) : (
        <AssistantFormSkeleton />
      )}
    </Page>
  );
}
