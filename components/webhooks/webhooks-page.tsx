"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus, Webhook } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { SettingsNav } from "@/components/settings/settings-nav";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import {
  rowLinkStyles,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { InlineCode } from "@/components/ui/text/code-block";
import type { WebhookView } from "@/lib/contracts/webhooks";
import { webhooksQuery } from "@/lib/queries/webhooks";
import { AddWebhookDialog } from "./webhook-dialog";
import { standingOf } from "./webhook-words";

export function WebhooksPage() {
  const query = useQuery(webhooksQuery());
  const [adding, setAdding] = useState(false);
  const webhooks = query.data?.webhooks;
  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title="Settings"
          description="Usher sends events to these addresses as they happen."
          actions={
            <Button variant="primary" disabled={!webhooks} onClick={() => setAdding(true)}>
              <Plus aria-hidden="true" />
              Add webhook
            </Button>
          }
        />
        <SettingsNav admin />
      </div>
      {webhooks ? (
        <>
          {webhooks.length === 0 ? (
            <EmptyState
              icon={<Webhook />}
              title="No webhooks yet"
              action={<Button onClick={() => setAdding(true)}>Add webhook</Button>}
            >
              Add one to get notices and audit events in another system.
            </EmptyState>
          ) : (
            <WebhookTable webhooks={webhooks} />
          )}
          <AddWebhookDialog open={adding} onOpenChange={setAdding} />
        </>
      ) : query.isError ? (
        <LoadProblem
          title="The webhooks could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <WebhooksSkeleton />
      )}
    </Page>
  );
}

function WebhookTable({ webhooks }: { webhooks: readonly WebhookView[] }) {
  return (
    <Table caption="Webhooks">
      <TableHead>
        <TableHeader>URL</TableHeader>
        <TableHeader className="w-[34%]">Events</TableHeader>
        <TableHeader className="w-[16%]">Status</TableHeader>
      </TableHead>
      <TableBody>
        {webhooks.map((webhook) => (
          <TableRow key={webhook.id}>
            <TableCell>
              <div className="min-w-0 [overflow-wrap:anywhere]">
                <Link
                  data-row-link
                  href={`/settings/webhooks/${webhook.id}`}
                  className={rowLinkStyles}
                >
                  {webhook.url}
                </Link>
                {webhook.description ? (
                  <p className="text-muted text-xs">{webhook.description}</p>
                ) : null}
              </div>
            </TableCell>
            <TableCell label="Events">
              <div className="flex min-w-0 flex-wrap gap-1">
                {webhook.eventTypes.map((type) => (
                  <InlineCode key={type}>{type}</InlineCode>
                ))}
              </div>
            </TableCell>
            <TableCell label="Status">
              <StandingBadge webhook={webhook} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

export function StandingBadge({ webhook }: { webhook: WebhookView }) {
  const { label, tone } = standingOf(webhook);
  return (
    <Badge tone={tone} dot>
      {label}
    </Badge>
  );
}

function WebhooksSkeleton() {
  return (
    <div className="divide-y divide-border rounded-lg border border-border">
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="h-8 rounded-t-lg bg-sunken" />
      {["w-64", "w-72"].map((width) => (
        <div key={width} className="grid gap-2 px-4 py-3.5">
          <Skeleton className={`${width} max-w-full`} />
        </div>
      ))}
    </div>
  );
}
