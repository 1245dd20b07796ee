import { X } from "lucide-react";
import {
  type ConsoleView,
  shownOptions,
  sortOptions,
} from "@/components/connections/console/use-console-view";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/fields/select";
import { SearchField } from "@/components/ui/list/search-field";
import type { ConsolePage } from "@/lib/contracts/connections/connection-console";
import { formatNumber } from "@/lib/contracts/format";
import { oneLine } from "@/lib/untrusted-text";

export function ConsoleFilters({
  view,
  first,
}: {
  view: ConsoleView;
  first: NonNullable<ConsolePage["first"]>;
}) {
  const { person, server } = first;
  return (
    <search className="grid gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <SearchField
          label="Search connections"
          placeholder="Person, email, server or account"
          value={view.search}
          onChange={view.setSearch}
        />
        <div className="w-52 max-sm:w-full">
          <Select
            aria-label="Filter connections"
            options={shownOptions}
            value={view.show}
            onValueChange={view.setShow}
          />
        </div>
        <div className="w-40 max-sm:w-full">
          <Select
            aria-label="Sort connections"
            options={sortOptions}
            value={view.sort}
            onValueChange={view.setSort}
          />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {view.person ? (
          <Chip
            label={`Person: ${person ? oneLine(person.name) : "unknown"}`}
            onRemove={view.clearPerson}
          />
        ) : null}
        {view.server ? (
          <Chip
            label={`Server: ${server ? oneLine(server.name) : "unknown"}`}
            onRemove={view.clearServer}
          />
        ) : null}
        <p role="status" className="text-muted text-xs">
          {first.foundMore ? "More than " : ""}
          {formatNumber(first.found)} {first.found === 1 ? "connection" : "connections"}
        </p>
      </div>
    </search>
  );
}

function Chip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <Button size="sm" onClick={onRemove} className="max-w-full">
      <span className="truncate">
        <span className="sr-only">Remove filter </span>
        {label}
      </span>
      <X aria-hidden="true" className="text-faint" />
    </Button>
  );
}
