"use client";

import { Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Checkbox } from "@/components/ui/checkbox";
import { Input } from "@/components/ui/input";
import { type ToolOption, toolsMatching, withTools } from "./tool-selection";

/** A shorter list is read faster than it is searched. */
const searchFrom = 9;

export function ToolChoice({
  serverName,
  options,
  chosenNames,
  onChange,
}: {
  serverName: string;
  options: readonly ToolOption[];
  chosenNames: readonly string[];
  onChange: (chosenNames: string[]) => void;
}) {
  const [text, setText] = useState("");
  const sought = useDeferredValue(text);
  const found = toolsMatching(options, sought);
  const usable = found.filter((tool) => !tool.missing).map((tool) => tool.name);
  const readOnly = options
    .filter((tool) => tool.readOnly && !tool.missing)
    .map((tool) => tool.name);
  const chosen = new Set(chosenNames);
  const missing = options.filter((tool) => tool.missing && chosen.has(tool.name));

  return (
    <div className="grid gap-2">
      {options.length >= searchFrom ? (
        <Input
          type="search"
          aria-label={`Search the tools of ${serverName}`}
          placeholder="Search tools"
          leading={<Search aria-hidden="true" />}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Enter would save the whole form.
            if (event.key === "Enter") event.preventDefault();
          }}
        />
      ) : null}
      <div className="flex flex-wrap items-center gap-1">
        <Button
          variant="ghost"
          size="sm"
          className="-ml-2.5"
          onClick={() => onChange(withTools(chosenNames, usable, true))}
        >
          {sought.trim() ? "Select these" : "Select all"}
        </Button>
        <Button variant="ghost" size="sm" onClick={() => onChange(withTools([], readOnly, true))}>
          Only read-only
        </Button>
        <Button variant="ghost" size="sm" onClick={() => onChange([])}>
          Clear
        </Button>
        <p role="status" className="ml-auto text-muted text-xs">
          {sought.trim()
            ? `${found.length} of ${options.length} found`
            : `${chosenNames.length} chosen`}
        </p>
      </div>
      {missing.length > 0 ? (
        <Callout
          tone="warning"
          title={missing.length === 1 ? "A chosen tool is missing" : "Chosen tools are missing"}
        >
          The server no longer lists {missing.map((tool) => tool.name).join(", ")}. A missing tool
          is not called; it works again when the server lists it again.
        </Callout>
      ) : null}
      {found.length > 0 ? (
        <ul className="relative max-h-96 divide-y divide-border overflow-y-auto rounded-lg border border-border">
          {found.map((tool) => (
            <ToolLine
              key={tool.name}
              tool={tool}
              chosen={chosen.has(tool.name)}
              onChange={(next) => onChange(withTools(chosenNames, [tool.name], next))}
            />
          ))}
        </ul>
      ) : (
        <p className="rounded-lg border border-border px-4 py-6 text-center text-muted text-sm">
          No tool matches.
        </p>
      )}
    </div>
  );
}

function ToolLine({
  tool: { name, title, description, readOnly, missing },
  chosen,
  onChange,
}: {
  tool: ToolOption;
  chosen: boolean;
  onChange: (chosen: boolean) => void;
}) {
  const effect = missing ? "Missing" : readOnly ? "Read-only" : "Can change data";
  return (
    <li className="flex items-start justify-between gap-x-3 gap-y-1.5 px-3 py-2 max-sm:flex-col">
      <Checkbox
        className="min-w-0"
        checked={chosen}
        onChange={(event) => onChange(event.target.checked)}
        label={
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            {title ? (
              <bdi className="line-clamp-2 font-medium [overflow-wrap:anywhere]">{title}</bdi>
            ) : null}
            <bdi className="line-clamp-2 font-mono text-xs [overflow-wrap:anywhere]">{name}</bdi>
          </span>
        }
        description={
          <>
            <span className="sr-only">{effect}. </span>
            {description ? (
              <bdi className="line-clamp-2 [overflow-wrap:anywhere]">{description}</bdi>
            ) : null}
          </>
        }
      />
      <span aria-hidden="true" className="flex shrink-0 max-sm:pl-6.5">
        <Badge tone={missing ? "danger" : readOnly ? "neutral" : "warning"}>{effect}</Badge>
      </span>
    </li>
  );
}
