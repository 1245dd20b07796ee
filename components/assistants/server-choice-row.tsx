"use client";

import { useState } from "react";
import { Disclosure } from "@/components/ui/disclosure";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { TextLink } from "@/components/ui/text/text-link";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";
import { ToolChoice } from "./tool-choice";
import { acceptingTicked, reviewsOf } from "./tool-review-choice";
import {
  approvalSummary,
  type KnownServer,
  type ServerChoice,
  selectionWords,
  toolOptions,
} from "./tool-selection";
import { ToolsToReview } from "./tools-to-review";

/** One server: whether the assistant may call it, and which of its tools. */
export function ServerChoiceRow({
  server,
  choice,
  start,
  reviews,
  onChange,
}: {
  server: KnownServer;
  /** Undefined: not chosen. */
  choice: ServerChoice | undefined;
  /** As it was when the form opened: a missing tool stays in the list when it is unticked. */
  start: ServerChoice | undefined;
  reviews: readonly ToolReview[];
  onChange: (choice: ServerChoice | null) => void;
}) {
  // Made when it is first opened: there may be hundreds of tools.
  const [opened, setOpened] = useState(false);
  const known = server.tools.length > 0;
  const options = toolOptions(
    server.tools,
    choice?.allTools ? [] : [...(start?.toolNames ?? []), ...(choice?.toolNames ?? [])],
  );
  // A choice that is new takes the tools as they are.
  const open = start && choice ? reviewsOf(choice, reviews) : [];
  const toolChoice = choice ? (
    <ToolChoice
      serverName={server.name}
      options={options}
      choice={choice}
      onChange={(next) => onChange(start ? acceptingTicked(choice, next, reviews) : next)}
    />
  ) : null;

  return (
    <li className="grid gap-3 px-4 py-3">
      <Checkbox
        label={<bdi className="font-medium [overflow-wrap:anywhere]">{server.name}</bdi>}
        description={selectionWords(server, choice)}
        checked={choice !== undefined}
        onChange={(event) =>
          onChange(
            event.target.checked
              ? (start ?? {
                  serverId: server.id,
                  allTools: true,
                  toolNames: [],
                  toolPolicies: {},
                  acceptedTools: {},
                })
              : null,
          )
        }
      />
      {choice ? (
        <div className="grid gap-3 sm:pl-6.5">
          <fieldset className="min-w-0">
            <legend className="sr-only">Tools of {server.name}</legend>
            <RadioCards
              columns={2}
              options={[
                {
                  value: "all",
                  title: "All tools",
                  description: "Also those that the server adds later.",
                },
                {
                  value: "chosen",
                  title: "Chosen tools",
                  description: "Only the ones you tick.",
                  disabledReason:
                    options.length === 0 ? "Their names are not known yet." : undefined,
                },
              ]}
              value={choice.allTools ? "all" : "chosen"}
              onValueChange={(value) => onChange({ ...choice, allTools: value === "all" })}
            />
          </fieldset>
          {known ? null : (
            <p className="text-muted text-sm">
              Test its connection first to see its tools:{" "}
              <TextLink external href={`/mcp-servers/${server.id}`}>
                {server.name}
              </TextLink>
            </p>
          )}
          {choice && open.length > 0 ? (
            <ToolsToReview
              serverName={server.name}
              reviews={open}
              acceptedTools={choice.acceptedTools ?? {}}
              onAccept={(acceptedTools) => onChange({ ...choice, acceptedTools })}
            />
          ) : null}
          {options.length === 0 ? null : choice.allTools ? (
            <Disclosure
              title="Approval"
              summary={approvalSummary(options, choice.toolPolicies ?? {})}
              onOpenChange={(open) => open && setOpened(true)}
            >
              {opened ? toolChoice : null}
            </Disclosure>
          ) : (
            toolChoice
          )}
        </div>
      ) : null}
    </li>
  );
}
