"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Controller, useForm } from "react-hook-form";
import { roleWords } from "@/components/people/role-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { showProblem } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { formatDate } from "@/lib/contracts/format-day";
import { type InviteInput, type InviteResult, inviteInput } from "@/lib/contracts/people/person";
import { invitePerson, peopleChanged } from "@/lib/queries/people";

type InviteDialogProps = {
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
      title={result ? "Share this link" : start ? "Create a new link" : "Invite a person"}
      description={
        result
          ? undefined
          : start
            ? "The previous link stops working."
            : "You get a link to share. Usher does not send email."
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
              Create link
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
        hint={`Works once, until ${formatDate(invitation.expiresAt)} (7 days). Whoever opens it joins as ${roleWords[invitation.role].noun}.`}
      >
        <CopyField value={link} copyLabel="Copy the invitation link" />
      </Field>
      <Callout tone="warning" title="It is shown only once" announce>
        Copy it and share it only with the person you invited. Whoever opens it first can join. If
        it gets lost, create a new link.
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

/** Its button stands outside, in the dialog's footer, and is tied to it by `id`. */
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
  const { errors, isSubmitting } = form.formState;
  const [problem, setProblem] = useState<string | null>(null);

  async function invite(input: InviteInput) {
    setProblem(null);
    onPending(true);
    try {
      const result = await invitePerson(input);
      onPending(false);
      onInvited(result);
    } catch (error) {
      onPending(false);
      setProblem(showProblem(form, error, fields));
    }
  }

  return (
    <form
      id={id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSubmitting) void form.handleSubmit(invite)(event);
      }}
      className="grid gap-4"
    >
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
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
    </form>
  );
}
