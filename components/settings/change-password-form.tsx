"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { z } from "zod";
import { NewPasswordField } from "@/components/people/new-password-field";
import { showProblem } from "@/components/people/show-problem";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { changePasswordInput } from "@/lib/contracts/people/person";
import { sessionsChanged } from "@/lib/queries/account";
import { changePassword } from "@/lib/queries/people";

const formInput = changePasswordInput
  .extend({ repeated: z.string() })
  .refine(({ newPassword, repeated }) => newPassword === repeated, {
    path: ["repeated"],
    message: "The passwords do not match. Enter the new password again.",
  });
type FormInput = z.infer<typeof formInput>;

const fields = ["currentPassword", "newPassword", "repeated"] as const;

export function ChangePasswordForm({ name, email }: { name: string; email: string }) {
  const form = useForm<FormInput>({
    resolver: zodResolver(formInput),
    defaultValues: { currentPassword: "", newPassword: "", repeated: "" },
  });
  const { register, handleSubmit, control } = form;
  const { errors, isSubmitting } = form.formState;
  const queryClient = useQueryClient();
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const newPassword = useWatch({ control, name: "newPassword" });

  async function change({ currentPassword, newPassword }: FormInput) {
    setProblem(null);
    setDone(false);
    try {
      await changePassword({ currentPassword, newPassword });
      setDone(true);
      form.reset();
      await sessionsChanged(queryClient);
    } catch (error) {
      setProblem(showProblem(form, error, fields));
    }
  }

  return (
    <form
      method="post"
      noValidate
      onSubmit={(event) => void handleSubmit(change)(event)}
      className="grid max-w-sm gap-4"
    >
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
      {done ? (
        <Callout tone="success" title="Password changed" announce>
          All your other sessions have ended.
        </Callout>
      ) : null}
      {/* Tells a password manager whose password this is. */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <Field label="Current password" error={errors.currentPassword?.message}>
        <SecretInput
          {...register("currentPassword")}
          mono={false}
          autoComplete="current-password"
          maxLength={200}
          required
        />
      </Field>
      <NewPasswordField
        label="New password"
        value={newPassword}
        personal={[name, email]}
        error={errors.newPassword?.message}
        input={register("newPassword")}
      />
      <Field label="Confirm new password" error={errors.repeated?.message}>
        <SecretInput
          {...register("repeated")}
          mono={false}
          autoComplete="new-password"
          maxLength={200}
          required
        />
      </Field>
      <div>
        <Button type="submit" variant="primary" loading={isSubmitting}>
          Change password
        </Button>
      </div>
    </form>
  );
}
