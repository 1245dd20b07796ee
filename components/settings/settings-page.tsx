"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { ModelSection } from "@/components/settings/model-section";
import { PublicUrlSection } from "@/components/settings/public-url-section";
import { RefreshSection } from "@/components/settings/refresh-section";
import { SettingsNav } from "@/components/settings/settings-nav";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { CopyField } from "@/components/ui/fields/copy-field";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { InlineCode } from "@/components/ui/text/code-block";
import type { SettingsView } from "@/lib/contracts/settings";
import { settingsQuery } from "@/lib/queries/settings";

export function SettingsPage() {
  const query = useQuery(settingsQuery());
  const settings = query.data;

  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader
          title="Settings"
          description="This installation’s configuration, set by environment variables."
          actions={
            <Button asChild>
              <Link href="/get-started">Get started</Link>
            </Button>
          }
        />
        <SettingsNav admin />
      </div>
      {settings ? (
        <div className="grid gap-8">
          <PublicUrlSection publicUrl={settings.publicUrl} callbackUrl={settings.callbackUrl} />
          <RefreshSection settings={settings} />
          <ModelSection model={settings.model} />
          <SignInSection publicUrl={settings.publicUrl} oidcIssuer={settings.oidcIssuer} />
          <DeploymentSection settings={settings} />
        </div>
      ) : query.isError ? (
        <LoadProblem
          title="The settings could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <SettingsSkeleton />
      )}
    </Page>
  );
}

function SettingsSkeleton() {
  return (
    <div className="grid gap-8">
      <p role="status" className="sr-only">
        Loading
      </p>
      {["h-52", "h-28", "h-24"].map((height) => (
        <div key={height} className="grid gap-3">
          <div className="grid gap-1.5">
            <Skeleton className="w-32" />
            <Skeleton className="w-full max-w-96" />
          </div>
          <div className={`grid content-start gap-4 rounded-lg border border-border p-4 ${height}`}>
            <Skeleton className="w-2/3" />
            <Skeleton className="w-1/2" />
          </div>
        </div>
      ))}
    </div>
  );
}

function DeploymentSection({ settings }: { settings: SettingsView }) {
  const { selfHosted, database, version } = settings;
  return (
    <Section title="Deployment">
      <Card>
        <DefinitionList
          items={[
            {
              term: "Runs",
              value: selfHosted ? (
                <Kind name="Self-hosted">The refresh sweep runs inside the server.</Kind>
              ) : (
                <Kind name="On Vercel">
                  Vercel Cron starts the refresh sweep. MCP servers that run as commands (stdio) are
                  off, because they need a machine that keeps running.
                </Kind>
              ),
            },
            {
              term: "Database",
              value:
                database === "embedded" ? (
                  <Kind name="Embedded">
                    Fine for trying Usher and for a small team on one machine. To grow, move to a
                    Postgres server: set <InlineCode>DATABASE_URL</InlineCode> and run{" "}
                    <InlineCode>npm run db:migrate</InlineCode>. It starts empty; keep{" "}
                    <InlineCode>SECRETS_ENCRYPTION_KEY</InlineCode> if you copy the rows over.
                  </Kind>
                ) : (
                  <Kind name="Postgres">
                    Set by <InlineCode>DATABASE_URL</InlineCode>. Everything is kept there, so Usher
                    can run any number of replicas.
                  </Kind>
                ),
            },
            { term: "Version", value: `Usher ${version}` },
          ]}
        />
      </Card>
    </Section>
  );
}

function Kind({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <span className="font-medium">{name}</span>
      <span className="block text-muted">{children}</span>
    </>
  );
}

/** Where the identity provider sends people back. */
const oidcCallbackPath = "/api/auth/callback/oidc";

function SignInSection({
  publicUrl,
  oidcIssuer,
}: {
  publicUrl: string;
  oidcIssuer: string | null;
}) {
  return (
    <Section title="Sign-in" description="How people sign in to Usher.">
      <Card>
        <DefinitionList
          items={[
            {
              term: "Email and password",
              value: (
                <span className="grid justify-items-start gap-1">
                  <Badge tone="success">On</Badge>
                  <span className="text-muted">For people with an invitation.</span>
                </span>
              ),
            },
            {
              term: "Identity provider",
              value: oidcIssuer ? (
                <span className="grid justify-items-start gap-1">
                  <Badge tone="success">On</Badge>
                  <span className="[overflow-wrap:anywhere]">{oidcIssuer}</span>
                  <span className="text-muted">
                    Anyone who signs in there with a verified email address can use Usher, with the
                    role from their invitation or as a member.
                  </span>
                </span>
              ) : (
                <span className="grid justify-items-start gap-1">
                  <Badge>Off</Badge>
                  <span className="text-muted">
                    To let people sign in with OpenID Connect, set{" "}
                    <InlineCode>OIDC_ISSUER</InlineCode>, <InlineCode>OIDC_CLIENT_ID</InlineCode>{" "}
                    and <InlineCode>OIDC_CLIENT_SECRET</InlineCode>.
                  </span>
                </span>
              ),
            },
            {
              term: "Redirect URL",
              value: (
                <span className="grid gap-1">
                  <CopyField
                    aria-label="Redirect URL for the identity provider"
                    value={publicUrl + oidcCallbackPath}
                    copyLabel="Copy redirect URL"
                  />
                  <span className="text-muted text-xs">
                    For Usher’s client at the identity provider. MCP servers use the callback URL
                    above.
                  </span>
                </span>
              ),
            },
          ]}
        />
      </Card>
    </Section>
  );
}
