"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { AssistantForm } from "@/components/assistants/assistant-form";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button } from "@/components/ui/button";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { AssistantDetail } from "@/lib/contracts/assistant";
import {
  assistantFormContextQuery,
  assistantQuery,
  assistantsChanged,
  deleteAssistant,
} from "@/lib/queries/assistants";

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
        breadcrumbs={<Breadcrumbs pages={[{ label: "Assistants", href: "/assistants" }]} />}
        actions={
          stored.data ? (
            <>
              <Button asChild>
                <Link href={`/assistants/${assistantId}/access`}>Access</Link>
              </Button>
              <DeleteAssistant assistant={stored.data} />
            </>
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

function DeleteAssistant({ assistant: { id, name } }: { assistant: AssistantDetail }) {
  const queryClient = useQueryClient();
  const router = useRouter();

  async function remove() {
    await deleteAssistant(id);
    toast.success(`${name} was deleted`);
    router.replace("/assistants");
    void assistantsChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button>
          <Trash2 aria-hidden="true" />
          Delete
        </Button>
      }
      title={`Delete ${name}?`}
      consequences={[
        "Nobody can start a new conversation with it.",
        "Existing conversations stay readable but cannot be continued.",
        "Its instructions are deleted. MCP servers and accounts are not affected.",
      ]}
      confirmLabel="Delete assistant"
      onConfirm={remove}
    />
  );
}

export function NewAssistant() {
  const query = useQuery(assistantFormContextQuery());
  return (
    <Page width="narrow">
      <PageHeader
        title="New assistant"
        description="Choose its instructions and the tools it can call."
        breadcrumbs={<Breadcrumbs pages={[{ label: "Assistants", href: "/assistants" }]} />}
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

const controls = [
  { label: "w-16", height: "h-8" },
  { label: "w-24", height: "h-8" },
  { label: "w-28", height: "h-48" },
  { label: "w-14", height: "h-8" },
] as const;

function AssistantFormSkeleton() {
  return (
    <div className="grid gap-5">
      <p role="status" className="sr-only">
        Loading
      </p>
      {controls.map(({ label, height }) => (
        <div key={label} className="grid gap-2">
          <Skeleton className={label} />
          <Skeleton className={`rounded-md ${height}`} />
        </div>
      ))}
    </div>
  );
}
