"use client";

import { Search, Wrench } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/input";
import { RelativeTime } from "@/components/ui/relative-time";
import { Section } from "@/components/ui/section";
import { Spinner } from "@/components/ui/spinner";
import type { CatalogueTool, CatalogueView } from "@/lib/contracts/catalogue";
import { counted } from "./server-words";
import { ToolRow } from "./tool-row";

const searchFrom = 9;
const shownAtFirst = 25;

/** What the server offered when it was last asked. */
export function ToolList({
  catalogue,
  reading,
  testButton,
}: {
  catalogue: CatalogueView | null;
  /** They are just being read. */
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
          Reading the tools…
        </>
      ) : (
        <span>
          Read <RelativeTime value={at} tense="past" />
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
        <EmptyState icon={<Spinner label="" />} headingLevel="h3" title="Reading the tools…">
          They appear here by themselves.
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
      title={read ? "The server offers no tools" : "The tools have not been read yet"}
      action={testButton}
    >
      {read
        ? "It answered, and its list is empty."
        : "Test the connection: Usher lists the server’s tools and keeps them, so that assistants can use them."}
    </EmptyState>
  );
}

/** What was read before stays, and assistants use it. */
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
          The tools could not be read
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
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const sought = useDeferredValue(text).trim().toLowerCase();
  const found = tools.filter((tool) =>
    `${tool.name}\n${tool.title ?? ""}\n${tool.description ?? ""}`.toLowerCase().includes(sought),
  );
  const shown = all ? found : found.slice(0, shownAtFirst);
  return (
    <div className="grid min-w-0 gap-3">
      {tools.length >= searchFrom ? (
        <div className="flex items-center gap-3">
          <div className="min-w-0 flex-1 sm:max-w-72">
            <Input
              type="search"
              aria-label="Search tools"
              placeholder="Search tools"
              leading={<Search aria-hidden="true" />}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <p role="status" className="shrink-0 text-muted text-xs">
            {sought ? `${found.length} of ${tools.length}` : null}
          </p>
        </div>
      ) : null}
      {found.length === 0 ? (
        <p className="rounded-lg border border-border px-4 py-6 text-center text-muted text-sm">
          No tool matches.
        </p>
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
        <Button className="justify-self-center" onClick={() => setAll(true)}>
          Show all {counted(found.length, "tool", "tools")}
        </Button>
      ) : null}
    </div>
  );
}
