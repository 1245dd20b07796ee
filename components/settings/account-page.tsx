"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useForm, useWatch } from "react-hook-form";
import * as z from "zod";
import { AlwaysAllowedSection } from "@/components/always-allow/always-allowed-section";
import { NewPasswordField } from "@/components/people/new-password-field";
import { roleWords } from "@/components/people/role-words";
import { NoticeMailSection } from "@/components/settings/notice-mail-section";
import { SessionsSection } from "@/components/settings/sessions-section";
import { SettingsNav } from "@/components/settings/settings-nav";
import {
  type LinkOutcome,
  SingleSignOnSection,
} from "@/components/settings/single-sign-on-section";
import { TwoFactorSection } from "@/components/settings/two-factor/two-factor-section";
import { administers } from "@/components/shell/navigation";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardBody } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { Field } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { showProblem } from "@/components/ui/fields/form-problems";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { changePasswordInput, type Role } from "@/lib/contracts/people/person";
import { sessionsChanged, singleSignOnQuery } from "@/lib/queries/account";
import { changePassword } from "@/lib/queries/people";

type AccountPageProps = {
  name: string;
  email: string;
  role: Role;
  sendsMail: boolean;
  /** The result of linking single sign-on. */
  outcome: LinkOutcome;
};

export function AccountPage({ name, email, role, sendsMail, outcome }: AccountPageProps) {
  const { data: singleSignOn } = useQuery(singleSignOnQuery());
  const hasPassword = singleSignOn?.hasPassword ?? true;

  useEffect(() => {
    // A reload does not repeat it.
    if (outcome) window.history.replaceState(null, "", window.location.pathname);
  }, [outcome]);

  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title={administers[role] ? "Settings" : "Your account"}
          description="Your password, sessions and preferences."
        />
        <SettingsNav admin={administers[role]} />
      </div>
      <div className="grid gap-8">
        <Section title="You">
          <Card>
            <DefinitionList
              items={[
                { term: "Name", value: name },
                { term: "Email", value: email },
                { term: "Role", value: <Badge>{roleWords[role].label}</Badge> },
              ]}
            />
          </Card>
        </Section>
        {singleSignOn ? <SingleSignOnSection view={singleSignOn} outcome={outcome} /> : null}
        {hasPassword ? (
          <Section
            title="Password"
            description="Changing it ends all your other sessions. You stay signed in here."
          >
            <Card>
              <CardBody>
                <ChangePasswordForm name={name} email={email} />
              </CardBody>
            </Card>
          </Section>
        ) : null}
        {hasPassword ? <TwoFactorSection /> : null}
        <SessionsSection />
        {role === "AUDITOR" ? null : <AlwaysAllowedSection />}
        {sendsMail && role !== "AUDITOR" ? <NoticeMailSection /> : null}
        <Section title="Appearance" description="In this browser.">
          <AppearanceChoice />
        </Section>
      </div>
    </Page>
  );
}

const choices = [
  { value: "system", title: "System", description: "Follows your device.", icon: <Monitor /> },
  { value: "light", title: "Light", description: "Always light.", icon: <Sun /> },
  { value: "dark", title: "Dark", description: "Always dark.", icon: <Moon /> },
] as const;

const never = () => () => undefined;

function AppearanceChoice() {
  const { theme, setTheme } = useTheme();
  // The server does not know the theme: until the browser reports it, no card is selected.
  const known = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Theme</legend>
      <RadioCards<string>
        options={choices}
        value={known ? (theme ?? "system") : ""}
        onValueChange={setTheme}
        columns={3}
      />
    </fieldset>
  );
}

const formInput = changePasswordInput
  .extend({ repeated: z.string() })
  .refine(({ newPassword, repeated }) => newPassword === repeated, {
    path: ["repeated"],
    message: "The passwords do not match. Enter the new password again.",
  });
type FormInput = z.infer<typeof formInput>;

const fields = ["currentPassword", "newPassword", "repeated"] as const;

function ChangePasswordForm({ name, email }: { name: string; email: string }) {
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
    <Form
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
    </Form>
  );
}
