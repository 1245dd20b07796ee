"use client";

import { useQuery } from "@tanstack/react-query";
import { Bot, MessagesSquare, Plus, Server } from "lucide-react";
import Link from "next/link";
import { useDeferredValue } from "react";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { listed } from "@/components/ui/list/listed";
import { matches } from "@/components/ui/list/search";
import { SearchWhenLong } from "@/components/ui/list/search-field";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { rowLinkStyles } from "@/components/ui/table";
import type { AssistantSummary } from "@/lib/contracts/assistant";
import { assistantsQuery } from "@/lib/queries/assistants";

/** @param managesAssistants an admin, for whom each card opens the assistant's settings */
export function AssistantList({ managesAssistants }: { managesAssistants: boolean }) {
  const query = useQuery(assistantsQuery());
  const assistants = query.data?.assistants;

  return (
    <Page>
      <PageHeader
        title="Assistants"
        description="Each assistant has its own instructions and can call the tools of the servers you choose."
        actions={
          assistants?.length === 0 ? null : managesAssistants ? (
            <NewAssistantButton />
          ) : (
            <Button asChild variant="primary">
              <Link href="/chat">
                <MessagesSquare aria-hidden="true" />
                Chat
              </Link>
            </Button>
          )
        }
      />
      {assistants ? (
        <AssistantCards assistants={assistants} managesAssistants={managesAssistants} />
      ) : query.isError ? (
        <LoadProblem
          title="The assistants could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <AssistantCardsSkeleton />
      )}
    </Page>
  );
}

function NewAssistantButton() {
  return (
    <Button asChild variant="primary">
      <Link href="/assistants/new">
        <Plus aria-hidden="true" />
        New assistant
      </Link>
    </Button>
  );
}

const cardGrid = "grid gap-3 @2xl:grid-cols-2";

function AssistantCards({
  assistants,
  managesAssistants,
}: {
  assistants: readonly AssistantSummary[];
  managesAssistants: boolean;
}) {
  const [text, setText] = useUrlState("search");
  const sought = useDeferredValue(text);
  if (assistants.length === 0) {
    return (
      <EmptyState
        icon={<Bot />}
        title={managesAssistants ? "Create your first assistant" : "No assistants yet"}
        action={managesAssistants ? <NewAssistantButton /> : null}
      >
        An assistant has a name, instructions and the tools it can call. Everybody can chat with it.
        {managesAssistants ? null : " An admin can create one."}
      </EmptyState>
    );
  }
  const found = assistants.filter(({ name, description, serverNames }) =>
    matches(sought, [name, description, ...serverNames]),
  );
  return (
    <div className="@container grid gap-3">
      <SearchWhenLong
        label="Search assistants"
        placeholder="Search by name or server"
        value={text}
        onChange={setText}
        found={{ count: found.length, of: assistants.length }}
      />
      {found.length === 0 ? (
        <NoMatch title="No assistant matches" onClear={() => setText("")}>
          None of {counted(assistants.length, "assistant", "assistants")} has that in its name,
          description or servers.
        </NoMatch>
      ) : (
        <ul className={cardGrid}>
          {found.map((assistant) => (
            <li key={assistant.id} className="grid">
              <AssistantCard assistant={assistant} managesAssistants={managesAssistants} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function AssistantCard({
  assistant: { id, name, description, serverNames },
  managesAssistants,
}: {
  assistant: AssistantSummary;
  managesAssistants: boolean;
}) {
  return (
    <Card interactive={managesAssistants} className="relative flex flex-col gap-3 p-4">
      <div className="flex min-w-0 gap-3">
        <span
          aria-hidden="true"
          className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-accent-subtle text-accent-text"
        >
          <Bot className="size-4.5" />
        </span>
        <div className="min-w-0 self-center">
          <h2 className="text-base [overflow-wrap:anywhere]">
            {managesAssistants ? (
              <Link href={`/assistants/${id}`} className={`${rowLinkStyles} after:rounded-lg`}>
                {name}
              </Link>
            ) : (
              <span className="font-medium">{name}</span>
            )}
          </h2>
          {description ? (
            <p className="line-clamp-2 text-muted text-sm [overflow-wrap:anywhere]">
              {description}
            </p>
          ) : null}
        </div>
      </div>
      <p className="mt-auto flex min-w-0 items-center gap-2 border-border border-t pt-3 text-muted text-xs">
        <Server aria-hidden="true" className="size-3.5 shrink-0 text-faint" />
        <span className="min-w-0 truncate">
          {serverNames.length > 0
            ? listed(serverNames)
            : "No servers: it can chat but not call tools"}
        </span>
      </p>
    </Card>
  );
}

function AssistantCardsSkeleton() {
  return (
    <div className="@container">
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className={cardGrid}>
        {["w-32", "w-44"].map((width) => (
          <div key={width} className="grid gap-3 rounded-lg border border-border p-4">
            <div className="flex gap-3">
              <Skeleton className="size-8 rounded-lg" />
              <div className="grid h-10.5 flex-1 content-center gap-1.5">
                <Skeleton className={width} />
                <Skeleton className="w-full max-w-64" />
              </div>
            </div>
            <div className="border-border border-t pt-3">
              <Skeleton className="h-4.5 w-36" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
