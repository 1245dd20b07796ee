"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import Link from "next/link";
import { useDeferredValue, useState } from "react";
import { InvitationsTable } from "@/components/people/invitations-table";
import { InviteDialog } from "@/components/people/invite-dialog";
import { PeopleTable } from "@/components/people/people-table";
import { Button } from "@/components/ui/button";
import { NoMatch } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/fields/select";
import { longestSearch } from "@/components/ui/list/search";
import { SearchField } from "@/components/ui/list/search-field";
import { ShowMore } from "@/components/ui/list/show-more";
import { useLoadedPages, useUrlPages } from "@/components/ui/list/use-loaded-pages";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { formatNumber } from "@/lib/contracts/format";
import type { InvitationView, InviteInput } from "@/lib/contracts/people/person";
import { peopleListQuery } from "@/lib/queries/people";

export function PeoplePage({ viewerId, sendsMail }: { viewerId: string; sendsMail: boolean }) {
  // A link to this page may open the invitation at once.
  const [asked, setAsked] = useUrlState("invite");
  const [inviting, setInviting] = useState<{ open: boolean; start: InviteInput | null }>({
    open: asked !== "",
    start: null,
  });

  return (
    <Page>
      <PageHeader
        title="People"
        description="Who can sign in and what they can do. Changes apply from their next request."
        actions={
          <>
            <Button asChild>
              <Link href="/people/groups">Groups</Link>
            </Button>
            <Button variant="primary" onClick={() => setInviting({ open: true, start: null })}>
              <UserPlus aria-hidden="true" />
              Invite
            </Button>
          </>
        }
      />
      <SearchablePeople
        viewerId={viewerId}
        sendsMail={sendsMail}
        onNewLink={({ email, role }) => setInviting({ open: true, start: { email, role } })}
      />
      <InviteDialog
        open={inviting.open}
        start={inviting.start}
        sendsMail={sendsMail}
        onOpenChange={(open) => {
          setInviting((before) => ({ ...before, open }));
          if (!open) setAsked("");
        }}
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
  { value: "auditors", label: "Auditors" },
  { value: "disabled", label: "Disabled" },
  { value: "invited", label: "Invited" },
] as const;

function SearchablePeople({
  viewerId,
  sendsMail,
  onNewLink,
}: {
  viewerId: string;
  sendsMail: boolean;
  onNewLink: (invitation: InvitationView) => void;
}) {
  const [text, setText] = useUrlState("search");
  const [named, setNamed] = useUrlState("show");
  const [pages, setPages] = useUrlPages("pages");
  const show = shown.find(({ value }) => value === named)?.value ?? "all";
  const search = useDeferredValue(text.slice(0, longestSearch).trim());
  const query = useInfiniteQuery(peopleListQuery({ search, show }));
  useLoadedPages(query, pages);
  const loaded = query.data?.pages;
  const first = loaded?.[0]?.first;

  function clear() {
    setText("");
    setNamed("");
    setPages(1);
  }

  function showMore() {
    setPages((loaded?.length ?? 0) + 1);
    void query.fetchNextPage();
  }

  if (!loaded || !first) {
    return query.isError ? (
      <LoadProblem
        title="The people could not be loaded"
        error={query.error}
        retrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    ) : (
      <PeopleSkeleton />
    );
  }
  // A person renamed between two requests may be on both pages.
  const people = [
    ...new Map(loaded.flatMap((page) => page.people).map((each) => [each.id, each])).values(),
  ];
  const { invitations, invited, found, of } = first;
  return (
    <div className="grid gap-6">
      <search className="flex flex-wrap items-center gap-3">
        <SearchField
          label="Search people"
          placeholder="Search by name or email"
          value={text}
          onChange={(value) => {
            setText(value);
            setPages(1);
          }}
          found={{ count: found, of }}
        />
        <div className="w-36 max-sm:w-full">
          <Select
            aria-label="Filter people"
            options={shown}
            value={show}
            onValueChange={(value) => {
              setNamed(value === "all" ? "" : value, "push");
              setPages(1);
            }}
          />
        </div>
      </search>
      {found === 0 ? (
        <NoMatch title="No matches" onClear={clear}>
          No account or open invitation matches your search.
        </NoMatch>
      ) : null}
      {people.length > 0 ? (
        <div className="grid gap-3">
          <PeopleTable people={people} viewerId={viewerId} />
          <ShowMore query={query} label="Show more people" onMore={showMore}>
            {formatNumber(people.length)} of {formatNumber(found - invited)}
          </ShowMore>
        </div>
      ) : null}
      {invitations.length > 0 ? (
        <Section
          title="Open invitations"
          description={
            sendsMail ? undefined : "Usher does not send email. Share the link yourself."
          }
        >
          <InvitationsTable invitations={invitations} onNewLink={onNewLink} />
          {invited > invitations.length ? (
            <p className="text-muted text-sm">
              The newest {formatNumber(invitations.length)} of {formatNumber(invited)}. Search by
              email to find others.
            </p>
          ) : null}
        </Section>
      ) : null}
    </div>
  );
}
