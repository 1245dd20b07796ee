"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { InvitationView } from "@/lib/contracts/people/person";
import { peopleChanged, withdrawInvitation } from "@/lib/queries/people";
import { roleWords } from "./role-words";

type NewLink = (invitation: InvitationView) => void;

export function InvitationsTable({
  invitations,
  onNewLink,
}: {
  invitations: readonly InvitationView[];
  /** The link cannot be shown again; a person who lost it needs a new one. */
  onNewLink: NewLink;
}) {
  return (
    <Table caption="Open invitations">
      <TableHead>
        <TableHeader>Email</TableHeader>
        <TableHeader>Role</TableHeader>
        <TableHeader>Invited by</TableHeader>
        <TableHeader>Link</TableHeader>
        <TableHeader>
          <span className="sr-only">Actions</span>
        </TableHeader>
      </TableHead>
      <TableBody>
        {invitations.map((invitation) => (
          <InvitationRow key={invitation.id} invitation={invitation} onNewLink={onNewLink} />
        ))}
      </TableBody>
    </Table>
  );
}

function InvitationRow({
  invitation,
  onNewLink,
}: {
  invitation: InvitationView;
  onNewLink: NewLink;
}) {
  const { email, role, invitedBy, expiresAt, expired } = invitation;
  return (
    <TableRow>
      <TableCell className="font-medium [overflow-wrap:anywhere]">{email}</TableCell>
      <TableCell label="Role">{roleWords[role].label}</TableCell>
      <TableCell label="Invited by" className="text-muted [overflow-wrap:anywhere]">
        {invitedBy}
      </TableCell>
      <TableCell label="Link" className="whitespace-nowrap text-muted">
        {expired ? (
          <Badge tone="warning" dot>
            Ended
          </Badge>
        ) : (
          <span>
            Ends <RelativeTime value={expiresAt} />
          </span>
        )}
      </TableCell>
      <TableCell className="text-right @max-2xl:col-span-full @max-2xl:pt-1">
        <span className="inline-flex gap-1 @max-2xl:-ml-2.5">
          <Button variant="ghost" size="sm" onClick={() => onNewLink(invitation)}>
            New link<span className="sr-only"> for {email}</span>
          </Button>
          <WithdrawButton invitation={invitation} />
        </span>
      </TableCell>
    </TableRow>
  );
}

function WithdrawButton({ invitation: { id, email } }: { invitation: InvitationView }) {
  const queryClient = useQueryClient();

  async function withdraw() {
    await withdrawInvitation(id);
    toast.success("Invitation withdrawn", { description: `The link for ${email} has ended.` });
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button variant="ghost" size="sm">
          Withdraw<span className="sr-only"> the invitation for {email}</span>
        </Button>
      }
      title={`Withdraw the invitation for ${email}?`}
      description="Its link stops working immediately. You can invite the same address again."
      confirmLabel="Withdraw"
      onConfirm={withdraw}
    />
  );
}
