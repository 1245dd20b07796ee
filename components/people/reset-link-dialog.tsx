"use client";

import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { useRequestedLink } from "@/components/ui/overlay/use-requested-link";
import { formatDateTime } from "@/lib/contracts/format";
import {
  decideResetLink,
  type ResetLink,
  resetLinkHours,
} from "@/lib/contracts/people/password-reset";
import type { Person } from "@/lib/contracts/people/person";
import { createResetLink } from "@/lib/queries/people";

/** Creates the link on request, then shows it: this once, since only its hash is stored. */
export function ResetLinkDialog({ person, open, onOpenChange }: PersonDialogProps) {
  const { link, pending, problem, change, create } = useRequestedLink(
    () => createResetLink(person.id),
    onOpenChange,
  );
  const decision = decideResetLink(person, "another admin");

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={link ? "Share this link" : `Create a reset link for ${person.name}`}
      description={
        link || !decision.may
          ? undefined
          : "They use it to set a new password. You share it with them."
      }
      footer={
        link || !decision.may ? (
          <DialogClose asChild>
            <Button variant="primary">{link ? "Done" : "Close"}</Button>
          </DialogClose>
        ) : (
          <>
            <DialogClose asChild>
              <Button disabled={pending}>Cancel</Button>
            </DialogClose>
            <Button variant="primary" loading={pending} onClick={() => void create()}>
              Create link
            </Button>
          </>
        )
      }
    >
      {link ? (
        <CreatedLink link={link} name={person.name} />
      ) : decision.may ? (
        <div className="grid gap-3">
          <ul className="grid list-disc gap-1 pl-4 marker:text-faint">
            <li>It works once, for {resetLinkHours} hours.</li>
            <li>Any earlier reset link stops working.</li>
            <li>Once they use it, they are signed out on all other devices.</li>
          </ul>
          {problem ? <Callout tone="danger" title={problem} announce /> : null}
        </div>
      ) : (
        <Callout title="There is no link for this account">{decision.reason}</Callout>
      )}
    </Dialog>
  );
}

function CreatedLink({
  link: { email, link, expiresAt },
  name,
}: {
  link: ResetLink;
  name: string;
}) {
  return (
    <div className="grid gap-4">
      <Field
        label={<span className="[overflow-wrap:anywhere]">Link for {email}</span>}
        hint={`Works once, until ${formatDateTime(expiresAt)} (${resetLinkHours} hours).`}
      >
        <CopyField value={link} copyLabel="Copy the reset link" autoFocus />
      </Field>
      <Callout tone="warning" title="It is shown only once" announce>
        Copy it and share it only with {name}. Whoever opens it first can set the password. If it
        gets lost, create a new one; this one then stops working.
      </Callout>
    </div>
  );
}

/** What the opener of a dialog about one person passes to it. */
export type PersonDialogProps = {
  person: Person;
  open: boolean;
  onOpenChange: (open: boolean) => void;
};
