"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Badge } from "@/components/ui/badge";
import { Card, CardBody } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { Role } from "@/lib/contracts/people/person";
import { singleSignOnQuery } from "@/lib/queries/account";
import { AppearanceChoice } from "./appearance-choice";
import { ChangePasswordForm } from "./change-password-form";
import { SessionsSection } from "./sessions-section";
import { SettingsNav } from "./settings-nav";
import { type LinkOutcome, SingleSignOnSection } from "./single-sign-on-section";

export type AccountPageProps = {
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
          description="What is yours alone: how you sign in and how Usher looks to you."
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
                { term: "Role", value: <Badge>{role === "ADMIN" ? "Admin" : "Member"}</Badge> },
              ]}
            />
          </Card>
        </Section>
        {singleSignOn ? <SingleSignOnSection view={singleSignOn} outcome={outcome} /> : null}
        {hasPassword ? (
          <Section
            title="Password"
            description="A change ends all your other sessions. You stay signed in here."
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
