"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { OffboardingImpact } from "@/components/people/offboarding-impact";
import type { PersonDialogProps } from "@/components/people/reset-link-dialog";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { consequencesOfDisabling } from "@/lib/contracts/people/person-page";
import { changePerson, peopleChanged } from "@/lib/queries/people";
import { personQuery } from "@/lib/queries/person";

/** Disables or enables a person. Before it disables, it says what ends, in numbers and names. */
export default function AccessDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const queryClient = useQueryClient();
  const { id, name, disabled } = person;
  const impact = useQuery({ ...personQuery(id), enabled: open && !disabled, staleTime: 0 });
  const verb = disabled ? "Enable" : "Disable";

  async function change() {
    await changePerson(id, { disabled: !disabled });
    toast.success(disabled ? `${name} can sign in again` : `${name} is disabled`);
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`${verb} ${name}?`}
      description={
        disabled ? undefined : (
          <OffboardingImpact
            summary="They are signed out and cannot sign in until an admin enables them."
            data={impact.data}
            error={impact.error}
          />
        )
      }
      consequences={
        disabled
          ? [
              "They can sign in again, with the same password and role.",
              "Their conversations are still there. They connect their accounts again.",
            ]
          : impact.data && consequencesOfDisabling(impact.data)
      }
      reading={!disabled && impact.isPending}
      confirmLabel={verb}
      tone={disabled ? "primary" : "danger"}
      onConfirm={change}
    />
  );
}
