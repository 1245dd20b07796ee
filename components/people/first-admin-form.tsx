"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import * as z from "zod";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { showProblem } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import { type FirstAdminInput, firstAdminInput } from "@/lib/contracts/people/person";
import { enterWithNewPassword } from "@/lib/queries/account";
import { makeFirstAdmin } from "@/lib/queries/people";
import { NewPasswordField } from "./new-password-field";

const formInput = firstAdminInput.extend({
  code: z.string().trim().min(1, "Enter the setup code from the server’s log.").max(100),
});
const fields = ["code", "name", "email", "password"] as const;

/** @param code from the link that the server printed; empty if the person came without it */
export function FirstAdminForm({ code }: { code: string }) {
  const form = useForm<FirstAdminInput>({
    resolver: zodResolver(formInput),
    defaultValues: { code, name: "", email: "", password: "" },
  });
  const { register, handleSubmit, control } = form;
  const { errors, isSubmitting } = form.formState;
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [asksForCode, setAsksForCode] = useState(code === "");
  const [name, email, password] = useWatch({ control, name: ["name", "email", "password"] });

  async function setUp(input: FirstAdminInput) {
    setProblem(null);
    try {
      const made = await makeFirstAdmin(input);
      setDone(true);
      await enterWithNewPassword(made.email, input.password, "/get-started");
    } catch (error) {
      const shown = showProblem(form, error, fields);
      // An invalid code from the link must be shown, so that it can be corrected.
      setAsksForCode((asked) => asked || shown === null);
      setProblem(shown);
    }
  }

  return (
    <Form noValidate onSubmit={(event) => void handleSubmit(setUp)(event)} className="grid gap-4">
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
      {asksForCode ? (
        <Field
          label="Setup code"
          error={errors.code?.message}
          hint="It is at the end of the setup link in the server log, after “Usher has no admin yet”. It proves that you run this server."
        >
          <Input
            {...register("code")}
            mono
            autoFocus={code === ""}
            autoCapitalize="none"
            spellCheck={false}
            maxLength={100}
            className="h-10"
          />
        </Field>
      ) : null}
      <Field label="Your name" error={errors.name?.message}>
        <Input
          {...register("name")}
          autoComplete="name"
          autoFocus={code !== ""}
          maxLength={80}
          className="h-10"
        />
      </Field>
      <Field label="Email" error={errors.email?.message} hint="You sign in with it.">
        <Input
          {...register("email")}
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
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
        Create admin account
      </Button>
    </Form>
  );
}
