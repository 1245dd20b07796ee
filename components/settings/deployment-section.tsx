import { Card } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { Section } from "@/components/ui/section";
import { InlineCode } from "@/components/ui/text/code-block";
import type { SettingsView } from "@/lib/contracts/settings";

export function DeploymentSection({ settings }: { settings: SettingsView }) {
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
