"use client";

import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { InvitationsTable } from "@/components/people/invitations-table";
import { InviteDialog } from "@/components/people/invite-dialog";
import { PeopleTable } from "@/components/people/people-table";
import { Button } from "@/components/ui/button";
import { NoMatch } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/fields/select";
import { matches } from "@/components/ui/list/search";
import { SearchField } from "@/components/ui/list/search-field";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { InvitationView, InviteInput, Person } from "@/lib/contracts/people/person";
import { type PeopleList, peopleQuery } from "@/lib/queries/people";

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
        description="Who can sign in and what they can do. Changes apply from their next request."
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

const shown = [
  { value: "all", label: "Everyone" },
  { value: "admins", label: "Admins" },
  { value: "members", label: "Members" },
  { value: "disabled", label: "Disabled" },
  { value: "invited", label: "Invited" },
] as const;
type Shown = (typeof shown)[number]["value"];

function SearchablePeople({
  list,
  viewerId,
  onNewLink,
}: {
  list: PeopleList;
  viewerId: string;
  onNewLink: (invitation: InvitationView) => void;
}) {
  const [text, setText] = useUrlState("search");
  const [named, setNamed] = useUrlState("show");
  const only = shown.find(({ value }) => value === named)?.value ?? "all";
  const sought = useDeferredValue(text);
  const people = list.people.filter(
    (person) => isShown(person, only) && matches(sought, [person.name, person.email]),
  );
  const invitations =
    only === "all" || only === "invited"
      ? list.invitations.filter(({ email }) => matches(sought, [email]))
      : [];
  const count = people.length + invitations.length;

  return (
    <div className="grid gap-6">
      <search className="flex flex-wrap items-center gap-3">
        <SearchField
          label="Search people"
          placeholder="Search by name or email"
          value={text}
          onChange={setText}
          found={{ count, of: list.people.length + list.invitations.length }}
        />
        <div className="w-36 max-sm:w-full">
          <Select
            aria-label="Filter people"
            options={shown}
            value={only}
            onValueChange={(value) => setNamed(value === "all" ? "" : value, "push")}
          />
        </div>
      </search>
      {count === 0 ? (
        <NoMatch
          title="No matches"
          onClear={() => {
            setText("");
            setNamed("");
          }}
        >
          No account or open invitation matches your search.
        </NoMatch>
      ) : null}
      {people.length > 0 ? <PeopleTable people={people} viewerId={viewerId} /> : null}
      {invitations.length > 0 ? (
        <Section
          title="Open invitations"
          description="Usher does not send email. Share the link yourself."
        >
          <InvitationsTable invitations={invitations} onNewLink={onNewLink} />
        </Section>
      ) : null}
    </div>
  );
}

function isShown({ role, disabled }: Person, only: Shown): boolean {
  switch (only) {
    case "all":
      return true;
    case "disabled":
      return disabled;
    case "invited":
      return false;
    default:
      return !disabled && role === (only === "admins" ? "ADMIN" : "MEMBER");
  }
}
