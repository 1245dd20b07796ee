"use client";

import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { LoadProblem } from "@/components/connections/load-problem";
import { Button } from "@/components/ui/button";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import type { InviteInput } from "@/lib/contracts/people/person";
import { peopleQuery } from "@/lib/queries/people";
import { InviteDialog } from "./invite-dialog";
import { SearchablePeople } from "./searchable-people";

export function PeoplePage({ viewerId }: { viewerId: string }) {
  const query = useQuery(peopleQuery());
  const [inviting, setInviting] = useState<{ open: boolean; start: InviteInput | null }>({
    open: false,
    start: null,
  });
  const people = query.data;

  return (
    <Page>
      <PageHeader
        title="People"
        description="Who may sign in, and what they may do. A change counts from their next request on."
        actions={
          <Button variant="primary" onClick={() => setInviting({ open: true, start: null })}>
            <UserPlus aria-hidden="true" />
            Invite
          </Button>
        }
      />
      {people ? (
        <SearchablePeople
          list={people}
          viewerId={viewerId}
          onNewLink={({ email, role }) => setInviting({ open: true, start: { email, role } })}
        />
      ) : query.isError ? (
        <LoadProblem
          title="The people could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <PeopleSkeleton />
      )}
      <InviteDialog
        open={inviting.open}
        start={inviting.start}
        onOpenChange={(open) => setInviting((before) => ({ ...before, open }))}
      />
    </Page>
  );
}

function PeopleSkeleton() {
  return (
    <div className="divide-y divide-border rounded-lg border border-border">
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="h-8 rounded-t-lg bg-sunken" />
      {["w-32", "w-44", "w-36"].map((width) => (
        <div key={width} className="flex h-14.5 items-center gap-3 px-4">
          <Skeleton className="size-7 rounded-full" />
          <div className="grid flex-1 gap-1.5">
            <Skeleton className={width} />
            <Skeleton className="h-3 w-48 max-w-full" />
          </div>
          <Skeleton className="w-20 max-sm:hidden" />
          <Skeleton className="w-16 max-sm:hidden" />
        </div>
      ))}
    </div>
  );
}
