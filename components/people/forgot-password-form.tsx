"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { showProblem } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import {
  type ForgotPasswordInput,
  forgotPasswordInput,
  resetLinkHours,
} from "@/lib/contracts/people/password-reset";
import { askForResetMail } from "@/lib/queries/people";

const fields = ["email"] as const;

/** Says the same for every address: whether somebody has it is nobody else's business. */
export function ForgotPasswordForm() {
  const form = useForm<ForgotPasswordInput>({
    resolver: zodResolver(forgotPasswordInput),
    defaultValues: { email: "" },
  });
  const { errors, isSubmitting } = form.formState;
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function ask(input: ForgotPasswordInput) {
    setProblem(null);
    try {
      await askForResetMail(input);
      setSentTo(input.email);
    } catch (error) {
      setProblem(showProblem(form, error, fields));
    }
  }

  if (sentTo !== null) {
    return (
      <Callout tone="success" title="Check your email" announce>
        <p className="[overflow-wrap:anywhere]">
          If {sentTo} has an account with a password, a link is on its way. It works once, for{" "}
          {resetLinkHours} hours.
        </p>
        <p className="mt-2">No mail? Look in your spam folder, or ask an admin for a link.</p>
      </Callout>
    );
  }
  return (
    <Form
      noValidate
      onSubmit={(event) => void form.handleSubmit(ask)(event)}
      className="grid gap-4"
    >
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
      <Field label="Email" error={errors.email?.message}>
        <Input
          {...form.register("email")}
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          className="h-10"
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" className="w-full" loading={isSubmitting}>
        Send link
      </Button>
    </Form>
  );
}
