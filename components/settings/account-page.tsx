"use client";

import { useQuery } from "@tanstack/react-query";
import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useEffect, useSyncExternalStore } from "react";
import { roleWords } from "@/components/people/role-words";
import { ChangePasswordForm } from "@/components/settings/change-password-form";
import { SessionsSection } from "@/components/settings/sessions-section";
import { SettingsNav } from "@/components/settings/settings-nav";
import {
  type LinkOutcome,
  SingleSignOnSection,
} from "@/components/settings/single-sign-on-section";
import { Badge } from "@/components/ui/badge";
import { Card, CardBody } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { Role } from "@/lib/contracts/people/person";
import { singleSignOnQuery } from "@/lib/queries/account";

type AccountPageProps = {
  name: string;
  email: string;
  role: Role;
  /** What came of linking single sign-on, when the person comes back from it. */
  outcome: LinkOutcome;
};

export function AccountPage({ name, email, role, outcome }: AccountPageProps) {
  const { data: singleSignOn } = useQuery(singleSignOnQuery());
  const hasPassword = singleSignOn?.hasPassword ?? true;

  useEffect(() => {
    // A reload does not tell it again.
    if (outcome) window.history.replaceState(null, "", window.location.pathname);
  }, [outcome]);

  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title={role === "ADMIN" ? "Settings" : "Your account"}
          description="How you sign in and how Usher looks for you."
        />
        {role === "ADMIN" ? <SettingsNav /> : null}
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
        <SessionsSection />
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
  // The server does not know the theme: until the browser says it, no card is chosen.
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
