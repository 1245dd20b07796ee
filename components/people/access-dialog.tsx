"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { changePerson, peopleChanged } from "@/lib/queries/people";
import type { PersonDialogProps } from "./person-dialog";

/** Shuts somebody out, or lets them in again. */
export function AccessDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const queryClient = useQueryClient();
  const { name, disabled } = person;
  const verb = disabled ? "Enable" : "Disable";

  async function change() {
    await changePerson(person.id, { disabled: !disabled });
    toast.success(disabled ? `${name} can sign in again` : `${name} is disabled`);
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`${verb} ${name}?`}
      consequences={
        disabled
          ? [
              "They can sign in again, with the same password and role.",
              "Their conversations and connected accounts are there as before.",
            ]
          : [
              "They are signed out everywhere, at their next request.",
              "They cannot sign in again until an admin enables them.",
              "Their conversations and connected accounts are kept.",
            ]
      }
      confirmLabel={verb}
      tone={disabled ? "primary" : "danger"}
      onConfirm={change}
    />
  );
}
