"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { resetSingleSignOn } from "@/lib/queries/account";
import { peopleChanged } from "@/lib/queries/people";
import type { PersonDialogProps } from "./person-dialog";

/** For somebody who is another user at the identity provider now, such as after it was set up again. */
export function ResetSingleSignOnDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const queryClient = useQueryClient();
  const { id, name } = person;

  async function reset() {
    await resetSingleSignOn(id);
    toast.success(`Single sign-on of ${name} is reset`);
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Reset single sign-on of ${name}?`}
      consequences={[
        "Their present user at the identity provider can no longer sign in to this account.",
        "Whoever signs in next with their verified email address is linked to it.",
        "Sessions that are open now go on.",
      ]}
      confirmLabel="Reset single sign-on"
      onConfirm={reset}
    />
  );
}
