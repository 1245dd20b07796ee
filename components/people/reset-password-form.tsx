"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Form } from "@/components/ui/fields/form";
import { showProblem } from "@/components/ui/fields/form-problems";
import { type ResetPasswordInput, resetPasswordInput } from "@/lib/contracts/people/password-reset";
import { resetPassword } from "@/lib/queries/people";
import { NewPasswordField } from "./new-password-field";

const fields = ["password"] as const;

export function ResetPasswordForm({
  token,
  email,
  name,
}: {
  token: string;
  email: string;
  name: string;
}) {
  const form = useForm<ResetPasswordInput>({
    resolver: zodResolver(resetPasswordInput),
    defaultValues: { token, password: "" },
  });
  const { register, handleSubmit, control } = form;
  const { errors, isSubmitting } = form.formState;
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const password = useWatch({ control, name: "password" });

  async function reset(input: ResetPasswordInput) {
    setProblem(null);
    try {
      const { signedIn } = await resetPassword(input);
      setDone(true);
      // A full load, since everything now belongs to this person; the used link leaves the history.
      window.location.replace(signedIn ? "/" : "/sign-in?notice=password-set");
    } catch (error) {
      setProblem(showProblem(form, error, fields));
    }
  }

  return (
    <Form noValidate onSubmit={(event) => void handleSubmit(reset)(event)} className="grid gap-4">
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
      {/* Tells a password manager whose password this is. */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <NewPasswordField
        label="New password"
        value={password}
        personal={[name, email]}
        error={errors.password?.message}
        input={{ ...register("password"), autoFocus: true }}
        className="h-10"
      />
      <Button
        type="submit"
        variant="primary"
        size="lg"
        className="w-full"
        loading={isSubmitting || done}
      >
        Set password and sign in
      </Button>
    </Form>
  );
}
