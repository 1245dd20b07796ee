"use client";

import { Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Input } from "@/components/ui/fields/input";
import { isSearched } from "@/components/ui/list/search";
import { ownValue } from "@/lib/contracts/own-value";
import { type BulkChoice, bulkChoices, countWords } from "./bulk-choice";
import { ToolLine } from "./tool-line";
import { BulkPolicySelect } from "./tool-policy-select";
import {
  approvalWords,
  namesSetByHand,
  type ServerChoice,
  type ToolOption,
  toolsMatching,
  withPolicy,
  withTools,
} from "./tool-selection";

/** A server's tools: which of them, if that is chosen, and which of their calls ask first. */
export function ToolChoice({
  serverName,
  options,
  choice,
  onChange,
}: {
  serverName: string;
  options: readonly ToolOption[];
  choice: ServerChoice;
  onChange: (choice: ServerChoice) => void;
}) {
  const { allTools, toolNames, toolPolicies = {} } = choice;
  const [text, setText] = useState("");
  const sought = useDeferredValue(text);
  // From the moment it was pressed: a line that is reset stays where the focus is.
  const [onlySet, setOnlySet] = useState<ReadonlySet<string> | null>(null);
  const narrowed = sought.trim() !== "" || onlySet !== null;
  const found = toolsMatching(options, sought).filter(({ name }) => onlySet?.has(name) ?? true);
  const usable = found.filter((tool) => !tool.missing).map((tool) => tool.name);
  const state = { narrowed, chosenNames: toolNames };
  const chosen = new Set(allTools ? options.map((tool) => tool.name) : toolNames);
  const missing = allTools ? [] : options.filter((tool) => tool.missing && chosen.has(tool.name));
  const offered = options.filter((tool) => !tool.missing && chosen.has(tool.name));
  const set = namesSetByHand(offered, toolPolicies);
  const choose = (names: string[]) => onChange({ ...choice, toolNames: names });

  return (
    <div className="grid min-w-0 gap-2">
      {isSearched(options.length, text) ? (
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
      <div className="flex flex-wrap items-center gap-1 sm:justify-end">
        {allTools ? null : (
          <ChooseMany choices={bulkChoices(options, found, state)} onChange={choose} />
        )}
        {set.length > 0 || onlySet ? (
          <Button size="sm" onClick={() => setOnlySet(onlySet ? null : new Set(set))}>
            {onlySet ? "Show all" : `Show ${set.length} customized`}
          </Button>
        ) : null}
        <BulkPolicySelect
          label={narrowed ? "Set these to…" : allTools ? "Set all to…" : "Set chosen to…"}
          serverName={serverName}
          offersNever={allTools}
          onChange={(policy) => {
            const names = usable.filter((name) => chosen.has(name));
            onChange({ ...choice, toolPolicies: withPolicy(toolPolicies, names, policy) });
          }}
        />
      </div>
      <div className="grid gap-0.5 text-muted text-xs">
        <p role="status">{words()}</p>
        <p>A tool is read-only if its server says so. Usher can’t check it.</p>
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
              policy={ownValue(toolPolicies, tool.name) ?? null}
              onChoose={allTools ? null : (next) => choose(withTools(toolNames, [tool.name], next))}
              onDecide={(policy) =>
                onChange({ ...choice, toolPolicies: withPolicy(toolPolicies, [tool.name], policy) })
              }
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

  function words(): string {
    if (allTools && narrowed) return `${found.length} of ${options.length} shown`;
    const approval = approvalWords(offered, toolPolicies);
    if (allTools) return approval;
    const count = countWords(options, found, state);
    return narrowed || approval === "" ? count : `${count}: ${approval}`;
  }
}

/** Buttons without effect keep the focus of the person who pressed them. */
function ChooseMany({
  choices,
  onChange,
}: {
  choices: readonly BulkChoice[];
  onChange: (chosen: string[]) => void;
}) {
  return (
    <span className="-ml-2.5 mr-auto flex flex-wrap items-center gap-1">
      {choices.map(({ action, label, tools, toolNames }) => (
        <Button
          key={action}
          variant="ghost"
          size="sm"
          aria-disabled={tools === 0 || undefined}
          className={tools === 0 ? "text-faint hover:bg-transparent hover:text-faint" : undefined}
          onClick={() => tools > 0 && onChange(toolNames)}
        >
          {label}
        </Button>
      ))}
    </span>
  );
}
