"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { LoadingCard } from "@/components/access/access-page";
import { GroupForm } from "@/components/access/group-form";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button } from "@/components/ui/button";
import { LoadProblem } from "@/components/ui/load-problem";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { Page, PageHeader } from "@/components/ui/page-header";
import { accessKey, deleteGroup, groupQuery, groupsQuery } from "@/lib/queries/access";

const list = "/people/groups";
const above = [
  { label: "People", href: "/people" },
  { label: "Groups", href: list },
];

export function NewGroupPage() {
  const groups = useQuery(groupsQuery());
  return (
    <Page width="narrow">
      <PageHeader title="New group" breadcrumbs={<Breadcrumbs pages={above} />} />
      <GroupForm group={null} claim={groups.data?.claim ?? null} />
    </Page>
  );
}

export function GroupPage({ groupId }: { groupId: string }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const query = useQuery(groupQuery(groupId));
  const groups = useQuery(groupsQuery());
  const group = query.data;

  async function remove() {
    await deleteGroup(groupId);
    toast.success("Group deleted");
    router.push(list);
    queryClient.removeQueries({ queryKey: groupQuery(groupId).queryKey });
    await queryClient.invalidateQueries({ queryKey: accessKey, refetchType: "none" });
  }

  return (
    <Page width="narrow">
      <PageHeader
        title={group?.name ?? "Group"}
        breadcrumbs={<Breadcrumbs pages={above} />}
        actions={
          group ? (
            <ConfirmDialog
              trigger={
                <Button>
                  <Trash2 aria-hidden="true" />
                  Delete
                </Button>
              }
              title={`Delete ${group.name}?`}
              consequences={[
                "Its members lose access that only this group gave them.",
                "What only this group could use is then open to admins only.",
              ]}
              confirmLabel="Delete group"
              onConfirm={remove}
            />
          ) : null
        }
      />
      {group ? (
        <GroupForm group={group} claim={groups.data?.claim ?? null} />
      ) : query.isError ? (
        <LoadProblem
          title="The group could not be loaded"
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
