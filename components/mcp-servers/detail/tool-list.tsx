"use client";

import { Wrench } from "lucide-react";
import { type ReactNode, useDeferredValue } from "react";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card } from "@/components/ui/card";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { matches } from "@/components/ui/list/search";
import { SearchWhenLong } from "@/components/ui/list/search-field";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { Spinner } from "@/components/ui/loading";
import { Section } from "@/components/ui/section";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { CatalogueTool, CatalogueView, LeftOut } from "@/lib/contracts/servers/catalogue";
import { ToolRow } from "./tool-row";

const shownAtFirst = 25;

/** The stored tool list. */
export function ToolList({
  catalogue,
  reading,
  testButton,
}: {
  catalogue: CatalogueView | null;
  reading: boolean;
  testButton: ReactNode;
}) {
  const read = catalogue?.fetchedAt ?? null;
  const tools = catalogue?.tools ?? [];
  return (
    <Section
      title={
        <span className="flex items-center gap-2">
          Tools
          {read ? <span className="font-normal text-muted">{tools.length}</span> : null}
        </span>
      }
      description={read ? <LastRead at={read} catalogue={catalogue} reading={reading} /> : null}
    >
      {reading ? null : <CatalogueProblem catalogue={catalogue} testButton={testButton} />}
      <LeftOutList leftOut={catalogue?.leftOut ?? []} />
      {tools.length > 0 ? (
        <SearchableTools tools={tools} />
      ) : (
        <NoTools catalogue={catalogue} reading={reading} testButton={testButton} />
      )}
    </Section>
  );
}

function LastRead({
  at,
  catalogue,
  reading,
}: {
  at: string;
  catalogue: CatalogueView | null;
  reading: boolean;
}) {
  return (
    <span role="status" className="flex min-h-5 flex-wrap items-center gap-x-1.5">
      {reading ? (
        <>
          <Spinner label="" className="size-3.5" />
          Loading the tools…
        </>
      ) : (
        <span>
          Loaded <RelativeTime value={at} tense="past" />
          {catalogue?.fromEarlierSettings ? ", with earlier settings" : null}
        </span>
      )}
    </span>
  );
}

function NoTools({
  catalogue,
  reading,
  testButton,
}: {
  catalogue: CatalogueView | null;
  reading: boolean;
  testButton: ReactNode;
}) {
  if (reading) {
    return (
      <div role="status">
        <EmptyState icon={<Spinner label="" />} headingLevel="h3" title="Loading the tools…">
          They appear here automatically.
        </EmptyState>
      </div>
    );
  }
  // The callout above says why, and has the button.
  if (catalogue?.lastError) return null;
  const read = catalogue?.fetchedAt ?? null;
  return (
    <EmptyState
      icon={<Wrench />}
      headingLevel="h3"
      title={read ? "The server offers no tools" : "The tools have not been loaded yet"}
      action={testButton}
    >
      {read
        ? "It responded with an empty list."
        : "Test the connection to load the server’s tools, so that assistants can use them."}
    </EmptyState>
  );
}

/** The earlier list stays, and assistants use it. */
function CatalogueProblem({
  catalogue,
  testButton,
}: {
  catalogue: CatalogueView | null;
  testButton: ReactNode;
}) {
  if (!catalogue?.lastError) return null;
  const { lastErrorAt, fetchedAt } = catalogue;
  return (
    <Callout
      tone={fetchedAt ? "warning" : "danger"}
      title={
        <>
          The tools could not be loaded
          {lastErrorAt ? (
            <span className="font-normal text-muted">
              {" "}
              · <RelativeTime value={lastErrorAt} tense="past" />
            </span>
          ) : null}
        </>
      }
      action={testButton}
    >
      {catalogue.lastError}
    </Callout>
  );
}

function SearchableTools({ tools }: { tools: readonly CatalogueTool[] }) {
  const [text, setText] = useUrlState("tools");
  const [all, setAll] = useUrlState("all-tools");
  const sought = useDeferredValue(text);
  const found = tools.filter((tool) => matches(sought, [tool.name, tool.title, tool.description]));
  const shown = all ? found : found.slice(0, shownAtFirst);
  return (
    <div className="grid min-w-0 gap-3">
      <SearchWhenLong
        label="Search tools"
        placeholder="Search tools"
        value={text}
        onChange={setText}
        found={{ count: found.length, of: tools.length }}
      />
      {found.length === 0 ? (
        <NoMatch title="No tool matches" headingLevel="h3" onClear={() => setText("")}>
          None of {counted(tools.length, "tool", "tools")} has that in its name or description.
        </NoMatch>
      ) : (
        <Card className="overflow-hidden">
          <ul className="divide-y divide-border">
            {shown.map((tool) => (
              <ToolRow key={tool.name} tool={tool} />
            ))}
          </ul>
        </Card>
      )}
      {shown.length < found.length ? (
        <Button className="justify-self-center" onClick={() => setAll("1")}>
          Show all {counted(found.length, "tool", "tools")}
        </Button>
      ) : null}
    </div>
  );
}

/** Items in a server's list that cannot be used, or were truncated, each with the reason. */
function LeftOutList({ leftOut }: { leftOut: readonly LeftOut[] }) {
  const unusable = leftOut.filter(({ kept }) => kept !== true);
  const cut = leftOut.length - unusable.length;
  if (leftOut.length === 0) return null;
  const summary = [
    unusable.length > 0 ? `${counted(unusable.length, "tool", "tools")} cannot be used` : null,
    cut > 0 ? `${counted(cut, "description was", "descriptions were")} shortened` : null,
  ].filter((each) => each !== null);
  return (
    <details className="rounded-lg border border-border px-4 py-3 text-sm">
      <summary className="cursor-pointer font-medium">{summary.join(", ")}</summary>
      <ul className="mt-3 grid max-h-80 gap-2 overflow-y-auto">
        {leftOut.map(({ name, reason }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two entries may have the same name and reason.
          <li key={at} className="grid gap-0.5 [overflow-wrap:anywhere]">
            <code className="font-mono text-xs">{name}</code>
            <span className="text-muted">{reason}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
