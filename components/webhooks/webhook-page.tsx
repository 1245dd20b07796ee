"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, KeyRound, Pencil, Send, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button, IconButton } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card } from "@/components/ui/card";
import { type Definition, DefinitionList } from "@/components/ui/definition-list";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { useMenuDialogs } from "@/components/ui/overlay/use-menu-dialogs";
import { Page, PageHeader } from "@/components/ui/page-header";
import { InlineCode } from "@/components/ui/text/code-block";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { WebhookView } from "@/lib/contracts/webhooks";
import {
  deleteWebhook,
  sendTestEvent,
  webhookQuery,
  webhooksChanged,
  webhooksQuery,
} from "@/lib/queries/webhooks";
import { Deliveries } from "./deliveries";
import { RotateSecretDialog } from "./rotate-secret-dialog";
import { EditWebhookDialog } from "./webhook-dialog";
import { StandingBadge } from "./webhooks-page";

const list = "/settings/webhooks";

export function WebhookPage({ webhookId }: { webhookId: string }) {
  const query = useQuery(webhookQuery(webhookId));
  const webhook = query.data;
  return (
    <Page>
      <PageHeader
        title={webhook ? webhook.description || new URL(webhook.url).host : "Webhook"}
        badges={webhook ? <StandingBadge webhook={webhook} /> : null}
        breadcrumbs={
          <Breadcrumbs
            pages={[
              { label: "Settings", href: "/settings" },
              { label: "Webhooks", href: list },
            ]}
          />
        }
        actions={webhook ? <Actions webhook={webhook} /> : null}
      />
      {webhook ? (
        <>
          {webhook.disabledReason ? (
            <Callout tone="danger" title="Usher disabled this webhook">
              {webhook.disabledReason} Edit it to enable it again.
            </Callout>
          ) : null}
          <Card>
            <DefinitionList items={factsOf(webhook)} />
          </Card>
          <Deliveries webhook={webhook} />
        </>
      ) : query.isError ? (
        <LoadProblem
          title="The webhook could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <div className="grid gap-6">
          <p role="status" className="sr-only">
            Loading
          </p>
          <Skeleton className="h-40 w-full" />
          <Skeleton className="h-64 w-full" />
        </div>
      )}
    </Page>
  );
}

function factsOf(webhook: WebhookView): Definition[] {
  const { url, eventTypes, failingSince, previousSecretUntil, createdAt } = webhook;
  return [
    { term: "URL", value: <span className="font-mono text-xs">{url}</span> },
    {
      term: "Events",
      value: (
        <span className="flex flex-wrap gap-1">
          {eventTypes.map((type) => (
            <InlineCode key={type}>{type}</InlineCode>
          ))}
        </span>
      ),
    },
    { term: "Failing since", value: failingSince ? <RelativeTime value={failingSince} /> : null },
    {
      term: "Signing secret",
      value: previousSecretUntil ? (
        <>
          Rotated. The old one ends <RelativeTime value={previousSecretUntil} />.
        </>
      ) : (
        "Stored encrypted"
      ),
    },
    { term: "Added", value: <RelativeTime value={createdAt} /> },
  ];
}

function Actions({ webhook }: { webhook: WebhookView }) {
  const { item, dialog, onCloseAutoFocus } = useMenuDialogs<"rotate" | "delete">();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <TestButton webhook={webhook} />
      <Button onClick={() => setEditing(true)}>
        <Pencil aria-hidden="true" />
        Edit
      </Button>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label="More actions" variant="secondary">
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent onCloseAutoFocus={onCloseAutoFocus}>
          <DropdownMenuItem icon={<KeyRound />} {...item("rotate")}>
            Rotate secret…
          </DropdownMenuItem>
          <DropdownMenuItem icon={<Trash2 />} tone="danger" {...item("delete")}>
            Delete…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <EditWebhookDialog webhook={webhook} open={editing} onOpenChange={setEditing} />
      <RotateSecretDialog webhookId={webhook.id} {...dialog("rotate")} />
      <DeleteDialog webhook={webhook} {...dialog("delete")} />
    </>
  );
}

function TestButton({ webhook: { id, enabled } }: { webhook: WebhookView }) {
  const queryClient = useQueryClient();
  const [pending, setPending] = useState(false);

  async function send() {
    setPending(true);
    try {
      const { state, last } = await sendTestEvent(id);
      if (state === "delivered") toast.success("Test event delivered");
      else toast.error("The test event was not delivered", { description: last?.error });
      await webhooksChanged(queryClient);
    } catch (error) {
      toast.error(error instanceof Error ? error.message : "Something went wrong. Try again.");
    } finally {
      setPending(false);
    }
  }

  return (
    <Button loading={pending} disabled={!enabled} onClick={() => void send()}>
      <Send aria-hidden="true" />
      Send test event
    </Button>
  );
}

function DeleteDialog({
  webhook,
  ...state
}: {
  webhook: WebhookView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const router = useRouter();
  const queryClient = useQueryClient();

  async function remove() {
    await deleteWebhook(webhook.id);
    toast.success("Webhook deleted");
    router.push(list);
    queryClient.removeQueries({ queryKey: webhookQuery(webhook.id).queryKey });
    await queryClient.invalidateQueries({ ...webhooksQuery(), exact: true });
  }

  return (
    <ConfirmDialog
      {...state}
      title={`Delete ${webhook.description || new URL(webhook.url).host}?`}
      consequences={[
        "It gets no more events.",
        "Its deliveries are deleted, including pending ones.",
      ]}
      confirmLabel="Delete webhook"
      onConfirm={remove}
    />
  );
}
