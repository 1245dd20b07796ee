"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { ConfirmDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import type { Person } from "@/lib/contracts/person";
import { resetSingleSignOn } from "@/lib/queries/account";
import { peopleChanged } from "@/lib/queries/people";

/** For somebody who is another user at the identity provider now, such as after it was set up again. */
export function ResetSingleSignOn({ person: { id, name } }: { person: Person }) {
  const queryClient = useQueryClient();

  async function reset() {
    await resetSingleSignOn(id);
    toast.success(`Single sign-on of ${name} is reset`);
    await peopleChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button variant="ghost" size="sm">
          Reset SSO<span className="sr-only"> of {name}</span>
        </Button>
      }
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
