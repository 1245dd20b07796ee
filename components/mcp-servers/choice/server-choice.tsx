"use client";

import { useQuery } from "@tanstack/react-query";
import { ClipboardPaste, Library, PenLine, Search } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ClipboardEvent, type FormEvent, useDeferredValue } from "react";
import { VendorTiles, VendorTilesSkeleton } from "@/components/mcp-servers/choice/vendor-tiles";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/fields/input";
import { matches } from "@/components/ui/list/search";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Page, PageHeader } from "@/components/ui/page-header";
import {
  type VendorServerTile,
  vendorServerCategories,
} from "@/lib/contracts/catalogue/vendor-server";
import { pastedUrl } from "@/lib/contracts/servers/pasted-url";
import { vendorServersQuery } from "@/lib/queries/vendor-servers";
import { newServerPath } from "./new-server-path";

/** Which server to add: one that Usher knows, one by its URL, or one by hand. */
export function ServerChoice({ hasRegistry }: { hasRegistry: boolean }) {
  const query = useQuery(vendorServersQuery());
  const [text, setText] = useUrlState("search");
  return (
    <Page>
      <PageHeader
        title="New MCP Server"
        description="Choose a server, or paste the URL of any other."
        breadcrumbs={<Breadcrumbs pages={[{ label: "MCP Servers", href: "/mcp-servers" }]} />}
      />
      <div className="grid gap-6">
        <div className="flex flex-wrap gap-2">
          <ChoiceSearch text={text} onChange={setText} count={query.data?.length ?? null} />
          <OtherWays hasRegistry={hasRegistry} />
        </div>
        {query.data ? (
          <FoundServers tiles={query.data} text={text} hasRegistry={hasRegistry} />
        ) : query.isError ? (
          <LoadProblem
            title="The servers to choose from could not be loaded"
            error={query.error}
            retrying={query.isFetching}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <VendorTilesSkeleton />
        )}
      </div>
    </Page>
  );
}

/** Accepts a URL as well: pasted, it is opened at once; typed, on Enter. */
function ChoiceSearch({
  text,
  onChange,
  count,
}: {
  text: string;
  onChange: (text: string) => void;
  /** Null: not known yet. */
  count: number | null;
}) {
  const router = useRouter();

  function paste(event: ClipboardEvent) {
    const url = pastedUrl(event.clipboardData.getData("text"));
    if (url === null || text.trim() !== "") return;
    event.preventDefault();
    router.push(newServerPath({ url }));
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const url = pastedUrl(text);
    if (url !== null) router.push(newServerPath({ url }));
  }

  return (
    <search className="min-w-0 flex-1 basis-72">
      <form onSubmit={submit}>
        <Input
          type="search"
          aria-label="Search servers, or paste a URL"
          placeholder={
            count === null ? "Search, or paste a URL" : `Search ${count} servers, or paste a URL`
          }
          maxLength={2000}
          leading={<Search aria-hidden="true" />}
          value={text}
          onChange={({ target }) => onChange(target.value)}
          onPaste={paste}
          autoFocus
        />
      </form>
    </search>
  );
}

function OtherWays({ hasRegistry }: { hasRegistry: boolean }) {
  return (
    <>
      {hasRegistry ? (
        <Button asChild>
          <Link href={newServerPath({ registry: "" })}>
            <Library aria-hidden="true" />
            From the MCP registry
          </Link>
        </Button>
      ) : null}
      <Button asChild>
        <Link href={newServerPath({ url: "" })}>
          <ClipboardPaste aria-hidden="true" />
          Paste a URL
        </Link>
      </Button>
      <Button asChild>
        <Link href={newServerPath({ by: "hand" })}>
          <PenLine aria-hidden="true" />
          Enter by hand
        </Link>
      </Button>
    </>
  );
}

function FoundServers({
  tiles,
  text,
  hasRegistry,
}: {
  tiles: readonly VendorServerTile[];
  text: string;
  hasRegistry: boolean;
}) {
  const sought = useDeferredValue(text);
  const url = pastedUrl(sought);
  const found =
    url === null
      ? tiles.filter(({ name, vendor, description, category }) =>
          matches(sought, [name, vendor, description, vendorServerCategories[category]]),
        )
      : [];
  return (
    <>
      <p role="status" className="sr-only">
        {sought.trim() === "" ? null : `${found.length} of ${tiles.length} servers`}
      </p>
      {found.length > 0 ? (
        <VendorTiles tiles={found} />
      ) : url === null ? (
        <EmptyState
          icon={<Search />}
          title="No server matches"
          action={<OtherWays hasRegistry={hasRegistry} />}
        >
          Usher works with any MCP server: paste its URL, or enter its settings by hand.
        </EmptyState>
      ) : (
        <EmptyState
          icon={<ClipboardPaste />}
          title="Add the server at this URL"
          action={
            <Button asChild variant="primary">
              <Link href={newServerPath({ url })}>Continue</Link>
            </Button>
          }
        >
          <span className="[overflow-wrap:anywhere]">{url}</span>
        </EmptyState>
      )}
    </>
  );
}
