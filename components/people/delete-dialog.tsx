"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { OffboardingImpact } from "@/components/people/offboarding-impact";
import type { PersonDialogProps } from "@/components/people/reset-link-dialog";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { consequencesOfDeleting } from "@/lib/contracts/people/person-page";
import { peopleChanged } from "@/lib/queries/people";
import { deletePerson, personQuery } from "@/lib/queries/person";

/** Deletes a person for good, after it has listed in numbers and names what goes with them. */
export default function DeleteDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const { id, name, email } = person;
  const impact = useQuery({ ...personQuery(id), enabled: open, staleTime: 0 });
  const [erase, setErase] = useState(false);

  async function remove() {
    const { receipts } = await deletePerson(id, erase);
    toast.success(`${erase ? "The person" : name} was deleted`);
    // Without receipts there is nothing left for a page to show.
    router.push(receipts > 0 ? `/people/${id}` : "/people");
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete ${name}?`}
      description={
        <OffboardingImpact
          summary="This cannot be undone. To keep their conversations, disable them instead."
          data={impact.data}
          error={impact.error}
        />
      }
      consequences={impact.data && consequencesOfDeleting(impact.data)}
      reading={impact.isPending}
      confirmLabel="Delete"
      typeToConfirm={email}
      onConfirm={remove}
    >
      <Checkbox
        label="Erase their name from the audit"
        description="Name, email and IP addresses, and account names are replaced. What they did stays."
        checked={erase}
        onChange={(event) => setErase(event.target.checked)}
      />
    </ConfirmDialog>
  );
}
