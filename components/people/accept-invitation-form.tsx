"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { showProblem } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import { type AcceptInvitationInput, acceptInvitationInput } from "@/lib/contracts/people/person";
import { enterWithNewPassword } from "@/lib/queries/account";
import { acceptInvitation } from "@/lib/queries/people";
import { NewPasswordField } from "./new-password-field";

const fields = ["name", "password"] as const;

export function AcceptInvitationForm({ token, email }: { token: string; email: string }) {
  const form = useForm<AcceptInvitationInput>({
    resolver: zodResolver(acceptInvitationInput),
    defaultValues: { token, name: "", password: "" },
  });
  const { register, handleSubmit, control } = form;
  const { errors, isSubmitting } = form.formState;
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [name, password] = useWatch({ control, name: ["name", "password"] });

  async function accept(input: AcceptInvitationInput) {
    setProblem(null);
    try {
      const made = await acceptInvitation(input);
      setDone(true);
      await enterWithNewPassword(made.email, input.password, "/");
    } catch (error) {
      setProblem(showProblem(form, error, fields));
    }
  }

  return (
    <Form noValidate onSubmit={(event) => void handleSubmit(accept)(event)} className="grid gap-4">
      {problem ? (
        <Callout
          tone="danger"
          title={problem}
          announce
          action={
            <Button asChild size="sm">
              <a href="/sign-in">Sign in</a>
            </Button>
          }
        />
      ) : null}
      <Field label="Email" hint="The invitation is for this address. You sign in with it.">
        <Input
          type="email"
          autoComplete="username"
          value={email}
          readOnly
          title={email}
          className="h-10 truncate"
        />
      </Field>
      <Field label="Your name" error={errors.name?.message} hint="What your team sees.">
        <Input
          {...register("name")}
          autoComplete="name"
          autoFocus
          maxLength={80}
          className="h-10"
        />
      </Field>
      <NewPasswordField
        label="Password"
        value={password}
        personal={[name, email]}
        error={errors.password?.message}
        input={register("password")}
        className="h-10"
      />
      <Button
        type="submit"
        variant="primary"
        size="lg"
        className="w-full"
        loading={isSubmitting || done}
      >
        Join
      </Button>
    </Form>
  );
}
