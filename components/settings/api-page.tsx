import { SettingsNav } from "@/components/settings/settings-nav";
import { Badge } from "@/components/ui/badge";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";

export interface ShownRoute {
  method: string;
  path: string;
  summary: string;
  description: string | null;
  scope: string | null;
  curl: string;
  query: string | null;
  body: string | null;
  /** For a success: its status and content. */
  answer: { status: number; shape: string | null };
}

/** Rendered on the server; it needs no JavaScript. */
export function ApiPage({
  admin,
  publicUrl,
  topics,
}: {
  admin: boolean;
  publicUrl: string;
  topics: readonly { title: string; routes: readonly ShownRoute[] }[];
}) {
  return (
    <Page width="narrow">
      <div className="grid gap-4">
        <PageHeader title="Settings" description="What programs can call, with an API key." />
        <SettingsNav admin={admin} />
      </div>
      <div className="grid gap-8">
        <Section
          title="Call it"
          description="Create a key under API keys and send it with each request."
        >
          <Code
            label="Example"
            text={`export USHER_API_KEY=ush_…\ncurl -H "Authorization: Bearer $USHER_API_KEY" \\\n  ${publicUrl}/api/connections`}
          />
          <p className="text-muted text-sm">
            A key may send 600 requests a minute. For tools there is an{" "}
            <a
              href="/api/openapi.json"
              className="rounded-xs font-medium text-accent-text underline decoration-accent-border underline-offset-3 hover:decoration-current"
            >
              OpenAPI 3.1 document
            </a>
            .
          </p>
        </Section>
        {topics.map(({ title, routes }) => (
          <Section key={title} title={title}>
            <ul className="divide-y divide-border rounded-lg border border-border bg-surface">
              {routes.map((route) => (
                <li key={route.method + route.path}>
                  <RouteEntry route={route} />
                </li>
              ))}
            </ul>
          </Section>
        ))}
      </div>
    </Page>
  );
}

function RouteEntry({ route }: { route: ShownRoute }) {
  const { method, path, summary, description, scope, curl, query, body, answer } = route;
  return (
    <details className="group">
      <summary className="grid cursor-pointer gap-0.5 rounded-md px-4 py-2.5 text-sm hover:bg-hover focus-visible:-outline-offset-2">
        <span className="font-medium">{summary}</span>
        <span className="flex min-w-0 items-baseline gap-2 font-mono text-xs">
          <span className="w-12 shrink-0 text-accent-text">{method}</span>
          <span className="text-muted [overflow-wrap:anywhere]">{path}</span>
        </span>
      </summary>
      <div className="grid gap-3 px-4 pt-1 pb-4 text-sm">
        {description ? <p className="text-muted">{description}</p> : null}
        {scope ? (
          <p className="flex flex-wrap items-center gap-2 text-muted text-xs">
            Scope <Badge>{scope}</Badge>
          </p>
        ) : null}
        <Code label="Request" text={curl} />
        {query ? <Code label="Query" text={query} /> : null}
        {body ? <Code label="Body" text={body} /> : null}
        {answer.shape ? (
          <Code label={`Answer, ${answer.status}`} text={answer.shape} />
        ) : (
          <p className="text-muted text-xs">Answers {answer.status}, with no body.</p>
        )}
      </div>
    </details>
  );
}

function Code({ label, text }: { label: string; text: string }) {
  return (
    <figure className="min-w-0 overflow-hidden rounded-lg border border-border bg-sunken">
      <figcaption className="border-border border-b px-3 py-1 text-muted text-xs">
        {label}
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto px-3 py-2.5 font-mono text-xs leading-5 focus-visible:-outline-offset-2"
      >
        <code>{text}</code>
      </pre>
    </figure>
  );
}
