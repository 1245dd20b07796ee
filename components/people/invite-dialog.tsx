"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useId, useState } from "react";
import { Controller, useForm } from "react-hook-form";
import { roleWords } from "@/components/people/role-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { DialogForm } from "@/components/ui/fields/dialog-form";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Skeleton } from "@/components/ui/loading";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { formatDate } from "@/lib/contracts/format-day";
import type { InviteManyResult } from "@/lib/contracts/people/invite-many";
import { type InviteInput, type InviteResult, inviteInput } from "@/lib/contracts/people/person";
import { invitePerson, peopleChanged } from "@/lib/queries/people";

const InviteManyForm = lazy(() =>
  import("@/components/people/invite-many").then((file) => ({ default: file.InviteManyForm })),
);
const InvitationLinks = lazy(() =>
  import("@/components/people/invite-many").then((file) => ({ default: file.InvitationLinks })),
);

type InviteDialogProps = {
  open: boolean;
  /** The initial values: the open invitation that needs a new link. */
  start: InviteInput | null;
  /** Usher mails the links, and shows them as well. */
  sendsMail: boolean;
  onOpenChange: (open: boolean) => void;
};

/** Asks who is invited, then shows the links: this once, since only their hashes are stored. */
export function InviteDialog({ open, start, sendsMail, onOpenChange }: InviteDialogProps) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [result, setResult] = useState<InviteResult | InviteManyResult | null>(null);
  const [several, setSeveral] = useState(false);
  const [pending, setPending] = useState(false);

  function change(next: boolean) {
    if (pending) return;
    onOpenChange(next);
    // After it has faded out: the form must not flash up behind the link.
    if (!next) setTimeout(again, 200);
  }

  function again() {
    setResult(null);
    setSeveral(false);
  }

  function show(invited: InviteResult | InviteManyResult) {
    setResult(invited);
    void peopleChanged(queryClient);
  }

  const links = result && "rows" in result ? result : null;

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      size={links ? "lg" : "md"}
      title={
        links
          ? links.mailed
            ? "Invitations sent"
            : "Share these links"
          : result
            ? result.mailed
              ? "Invitation sent"
              : "Share this link"
            : start
              ? "Create a new link"
              : several
                ? "Invite several people"
                : "Invite a person"
      }
      description={
        result
          ? undefined
          : start
            ? "The previous link stops working."
            : several
              ? sendsMail
                ? "Usher emails each of them a link and shows it to you too."
                : "You get a link for each of them. Usher does not send email."
              : sendsMail
                ? "Usher emails them a link and shows it to you too."
                : "You get a link to share. Usher does not send email."
      }
      footer={
        result ? (
          <>
            {start ? null : <Button onClick={again}>Invite another</Button>}
            <DialogClose asChild>
              <Button variant="primary">Done</Button>
            </DialogClose>
          </>
        ) : (
          <>
            {start ? null : (
              <Button
                variant="ghost"
                className="mr-auto"
                disabled={pending}
                onClick={() => setSeveral(!several)}
              >
                {several ? "Invite one" : "Invite several"}
              </Button>
            )}
            <DialogClose asChild>
              <Button disabled={pending}>Cancel</Button>
            </DialogClose>
            <Button type="submit" form={formId} variant="primary" loading={pending}>
              {sendsMail && !start
                ? several
                  ? "Send invitations"
                  : "Send invitation"
                : several
                  ? "Create links"
                  : "Create link"}
            </Button>
          </>
        )
      }
    >
      <Suspense fallback={<Skeleton className="h-32 w-full" />}>
        {links ? (
          <InvitationLinks result={links} />
        ) : result && "link" in result ? (
          <InvitationLink result={result} />
        ) : several ? (
          <InviteManyForm id={formId} onPending={setPending} onInvited={show} />
        ) : (
          <InviteForm id={formId} start={start} onPending={setPending} onInvited={show} />
        )}
      </Suspense>
    </Dialog>
  );
}

function InvitationLink({ result: { invitation, link, mailed } }: { result: InviteResult }) {
  return (
    <div className="grid gap-4">
      <Field
        label={<span className="[overflow-wrap:anywhere]">Link for {invitation.email}</span>}
        hint={`Works once, until ${formatDate(invitation.expiresAt)} (7 days). Whoever opens it joins as ${roleWords[invitation.role].noun}.`}
      >
        <CopyField value={link} copyLabel="Copy the invitation link" />
      </Field>
      <Callout tone="warning" title="It is shown only once" announce>
        {mailed
          ? "Copy it in case the email does not arrive, and share it only with the person you invited."
          : "Copy it and share it only with the person you invited. Whoever opens it first can join. If it gets lost, create a new link."}
      </Callout>
    </div>
  );
}

const fields = ["email", "role"] as const;
const roles = (["MEMBER", "AUDITOR", "ADMIN"] as const).map((role) => ({
  value: role,
  title: roleWords[role].label,
  description: roleWords[role].description,
}));

function InviteForm({
  id,
  start,
  onPending,
  onInvited,
}: {
  id: string;
  start: InviteInput | null;
  onPending: (pending: boolean) => void;
  onInvited: (result: InviteResult) => void;
}) {
  const form = useForm<InviteInput>({
    resolver: zodResolver(inviteInput),
    defaultValues: start ?? { email: "", role: "MEMBER" },
  });
  const { errors } = form.formState;

  return (
    <DialogForm
      id={id}
      form={form}
      fields={fields}
      save={async (input) => onInvited(await invitePerson(input))}
      onPending={onPending}
    >
      <Field
        label="Email"
        error={errors.email?.message}
        hint={start ? undefined : "The account will use this address."}
      >
        <Input
          {...form.register("email")}
          type="email"
          inputMode="email"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="ada@example.com"
          readOnly={start !== null}
        />
      </Field>
      <FieldGroup label="Role" error={errors.role?.message}>
        <Controller
          control={form.control}
          name="role"
          render={({ field }) => (
            <RadioCards
              options={roles}
              value={field.value}
              onValueChange={field.onChange}
              name={field.name}
            />
          )}
        />
      </FieldGroup>
    </DialogForm>
  );
}
