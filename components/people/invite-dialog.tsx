"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { formatDate } from "@/lib/contracts/format";
import type { InviteInput, InviteResult } from "@/lib/contracts/people/person";
import { peopleChanged } from "@/lib/queries/people";
import { InviteForm } from "./invite-form";
import { roleWords } from "./role-words";

export type InviteDialogProps = {
  open: boolean;
  /** What to begin with: the open invitation that needs a new link. */
  start: InviteInput | null;
  onOpenChange: (open: boolean) => void;
};

/** Asks who is invited, then shows the link: this once, since only its hash is stored. */
export function InviteDialog({ open, start, onOpenChange }: InviteDialogProps) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [result, setResult] = useState<InviteResult | null>(null);
  const [pending, setPending] = useState(false);

  function change(next: boolean) {
    if (pending) return;
    onOpenChange(next);
    // After it has faded out: the form must not flash up behind the link.
    if (!next) setTimeout(() => setResult(null), 200);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={result ? "Pass this link on" : start ? "Make a new link" : "Invite somebody"}
      description={
        result
          ? undefined
          : start
            ? "The link you passed on before ends with it."
            : "You get a link to pass on. Usher sends no email."
      }
      footer={
        result ? (
          <>
            {start ? null : <Button onClick={() => setResult(null)}>Invite another</Button>}
            <DialogClose asChild>
              <Button variant="primary">Done</Button>
            </DialogClose>
          </>
        ) : (
          <>
            <DialogClose asChild>
              <Button disabled={pending}>Cancel</Button>
            </DialogClose>
            <Button type="submit" form={formId} variant="primary" loading={pending}>
              Make the link
            </Button>
          </>
        )
      }
    >
      {result ? (
        <InvitationLink result={result} />
      ) : (
        <InviteForm
          id={formId}
          start={start}
          onPending={setPending}
          onInvited={(invited) => {
            setResult(invited);
            void peopleChanged(queryClient);
          }}
        />
      )}
    </Dialog>
  );
}

function InvitationLink({ result: { invitation, link } }: { result: InviteResult }) {
  return (
    <div className="grid gap-4">
      <Field
        label={<span className="[overflow-wrap:anywhere]">Link for {invitation.email}</span>}
        hint={`Works once, until ${formatDate(invitation.expiresAt)} (7 days). Who opens it joins as ${
          invitation.role === "ADMIN" ? "an" : "a"
        } ${roleWords[invitation.role].label.toLowerCase()}.`}
      >
        <CopyField value={link} copyLabel="Copy the invitation link" />
      </Field>
      <Callout tone="warning" title="It is shown only now" announce>
        Copy it and give it to nobody but the person invited: whoever opens it first joins with it.
        If it gets lost, make a new link.
      </Callout>
    </div>
  );
}
