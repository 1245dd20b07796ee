"use client";

import { Badge } from "@/components/ui/badge";
import { Card, CardBody } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { Role } from "@/lib/contracts/person";
import { AppearanceChoice } from "./appearance-choice";
import { ChangePasswordForm } from "./change-password-form";
import { SettingsNav } from "./settings-nav";

export function AccountPage({ name, email, role }: { name: string; email: string; role: Role }) {
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
        <Section
          title="Password"
          description="A change signs you out everywhere, here too. You then sign in with the new one."
        >
          <Card>
            <CardBody>
              <ChangePasswordForm name={name} email={email} />
            </CardBody>
          </Card>
        </Section>
        <Section title="Appearance" description="In this browser.">
          <AppearanceChoice />
        </Section>
      </div>
    </Page>
  );
}
