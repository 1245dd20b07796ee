"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { Controller, useForm } from "react-hook-form";
import { Callout } from "@/components/ui/callout";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { type InviteInput, type InviteResult, inviteInput } from "@/lib/contracts/people/person";
import { invitePerson } from "@/lib/queries/people";
import { roleWords } from "./role-words";
import { showProblem } from "./show-problem";

const fields = ["email", "role"] as const;
const roles = (["MEMBER", "ADMIN"] as const).map((role) => ({
  value: role,
  title: roleWords[role].label,
  description: roleWords[role].description,
}));

/** Its button stands outside, in the dialog's footer, and is tied to it by `id`. */
export function InviteForm({
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
        hint={start ? undefined : "The account will have this address."}
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
