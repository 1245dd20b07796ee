"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { Input } from "@/components/ui/fields/input";
import { resetLinkHours } from "@/lib/contracts/people/password-reset";
import { askForResetMail } from "@/lib/queries/people";

/**
 * Says the same for every address: it must not reveal who has an account. The browser keeps the field, so
 * that text typed before hydration stays.
 */
export function ForgotPasswordForm() {
  const [pending, setPending] = useState(false);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function ask(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (pending) return;
    const email = String(new FormData(event.currentTarget).get("email") ?? "").trim();
    setPending(true);
    setProblem(null);
    try {
      await askForResetMail({ email });
      setSentTo(email);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "Something went wrong. Try again.");
    } finally {
      setPending(false);
    }
  }

  if (sentTo !== null) {
    return (
      <Callout tone="success" title="Check your email" announce>
        <p className="[overflow-wrap:anywhere]">
          If {sentTo} has an account with a password, a link is on its way. It works once, for{" "}
          {resetLinkHours} hours.
        </p>
        <p className="mt-2">No email? Look in your spam folder, or ask an admin for a link.</p>
      </Callout>
    );
  }
  return (
    <Form onSubmit={(event) => void ask(event)} className="grid gap-4">
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
      <Field label="Email">
        <Input
          name="email"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={254}
          required
          autoFocus
          className="h-10"
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" className="w-full" loading={pending}>
        Send link
      </Button>
    </Form>
  );
}
