"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus, UsersRound } from "lucide-react";
import Link from "next/link";
import { LoadingCard } from "@/components/access/access-page";
import { roleWords } from "@/components/people/role-words";
import { Badge } from "@/components/ui/badge";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { LoadProblem } from "@/components/ui/load-problem";
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
import { groupsQuery } from "@/lib/queries/access";

export function GroupsPage() {
  const query = useQuery(groupsQuery());
  const groups = query.data?.groups;
  const add = (
    <Button asChild variant="primary">
      <Link href="/people/groups/new">
        <Plus aria-hidden="true" />
        New group
      </Link>
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title="Groups"
        description="Give several people access to assistants and MCP servers at once."
        breadcrumbs={<Breadcrumbs pages={[{ label: "People", href: "/people" }]} />}
        actions={groups && groups.length > 0 ? add : null}
      />
      {groups ? (
        groups.length === 0 ? (
          <EmptyState icon={<UsersRound />} title="No groups yet" action={add}>
            Create a group, then choose it on the Access page of an assistant or MCP server.
          </EmptyState>
        ) : (
          <Table caption="Groups">
            <TableHead>
              <TableHeader>Name</TableHeader>
              <TableHeader>People</TableHeader>
              <TableHeader>Claim value</TableHeader>
              <TableHeader>Role</TableHeader>
            </TableHead>
            <TableBody>
              {groups.map(({ id, name, description, members, claimValue, role }) => (
                <TableRow key={id}>
                  <TableCell>
                    <div className="min-w-0">
                      <Link data-row-link href={`/people/groups/${id}`} className={rowLinkStyles}>
                        {name}
                      </Link>
                      {description ? (
                        <p className="text-muted text-xs [overflow-wrap:anywhere]">{description}</p>
                      ) : null}
                    </div>
                  </TableCell>
                  <TableCell label="People">{members}</TableCell>
                  <TableCell label="Claim value" className="[overflow-wrap:anywhere]">
                    {claimValue ?? "–"}
                  </TableCell>
                  <TableCell label="Role">
                    {role ? <Badge>{roleWords[role].label}</Badge> : "–"}
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        )
      ) : query.isError ? (
        <LoadProblem
          title="The groups could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <LoadingCard />
      )}
    </Page>
  );
}
