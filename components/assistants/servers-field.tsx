"use client";

import { Server } from "lucide-react";
import { type Ref, useState } from "react";
import { ToolChoice } from "@/components/assistants/tool-choice";
import { leftOutWords, ToolCount } from "@/components/assistants/tool-count";
import {
  approvalSummary,
  type KnownServer,
  type ServerChoice,
  selectionWords,
  toolOptions,
  withServer,
} from "@/components/assistants/tool-selection";
import { acceptingTicked, reviewsOf, ToolsToReview } from "@/components/assistants/tools-to-review";
import { useChosenServers } from "@/components/assistants/use-chosen-servers";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card } from "@/components/ui/card";
import { Disclosure } from "@/components/ui/disclosure";
import { EmptyState } from "@/components/ui/empty-state";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Skeleton } from "@/components/ui/loading";
import { Section } from "@/components/ui/section";
import { TextLink } from "@/components/ui/text/text-link";
import type { AssistantFormContext } from "@/lib/contracts/assistant";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";

type ServersFieldProps = {
  ref: Ref<HTMLDivElement>;
  servers: AssistantFormContext["servers"];
  choices: readonly ServerChoice[];
  start: readonly ServerChoice[];
  /** Null for a new one. */
  assistantId: string | null;
  onChange: (choices: ServerChoice[]) => void;
  error: string | undefined;
  /** The model that answers. */
  model: string;
};

export function ServersField({
  ref,
  servers,
  choices,
  start,
  assistantId,
  onChange,
  error,
  model,
}: ServersFieldProps) {
  const { known, reviews, leftOut, retries } = useChosenServers(
    servers,
    choices,
    start,
    assistantId,
  );
  return (
    <Section
      title="Servers and tools"
      description="What it can call. Each call uses the server’s shared account or the account of the person chatting."
    >
      {error ? (
        <p role="alert" className="text-danger-text text-sm">
          {error}
        </p>
      ) : null}
      <div ref={ref} tabIndex={-1} className="rounded-lg">
        {servers.length > 0 ? (
          <Card>
            <ul className="divide-y divide-border">
              {known.map((server) => (
                <ServerChoiceRow
                  key={server.id}
                  server={server}
                  choice={choices.find((each) => each.serverId === server.id)}
                  start={start.find((each) => each.serverId === server.id)}
                  reviews={reviews.get(server.id) ?? []}
                  onRetry={retries.get(server.id) ?? null}
                  onChange={(choice) => onChange(withServer(choices, server.id, choice, servers))}
                />
              ))}
            </ul>
          </Card>
        ) : (
          <EmptyState
            icon={<Server />}
            title="No MCP servers yet"
            headingLevel="h3"
            className="py-8"
            action={
              <Button asChild>
                <a href="/mcp-servers/new" target="_blank" rel="noopener">
                  Add a server
                  <span className="sr-only"> (opens in a new tab)</span>
                </a>
              </Button>
            }
          >
            Without one, the assistant can chat but not call tools. You can add servers later.
          </EmptyState>
        )}
      </div>
      <ToolCount servers={known} choices={choices} model={model} />
      {leftOut.length > 0 ? (
        <Callout tone="warning" title="The model cannot be offered some of these tools">
          {leftOutWords(leftOut)}
        </Callout>
      ) : null}
    </Section>
  );
}

function ServerChoiceRow({
  server,
  choice,
  start,
  reviews,
  onRetry,
  onChange,
}: {
  server: KnownServer;
  choice: ServerChoice | undefined;
  /** From when the form opened: a missing tool stays in the list when it is unticked. */
  start: ServerChoice | undefined;
  reviews: readonly ToolReview[];
  /** Null unless its tools could not be loaded. */
  onRetry: (() => void) | null;
  onChange: (choice: ServerChoice | null) => void;
}) {
  // Rendered on first open: there may be hundreds of tools.
  const [opened, setOpened] = useState(false);
  const known = server.toolCount > 0;
  const chosenNames = choice?.allTools
    ? []
    : [...(start?.toolNames ?? []), ...(choice?.toolNames ?? [])];
  const options = server.tools ? toolOptions(server.tools, chosenNames) : [];
  // A new choice accepts the tools in their current form.
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
                  description: "Including tools the server adds later.",
                },
                {
                  value: "chosen",
                  title: "Chosen tools",
                  description: "Only the ones you select.",
                  disabledReason:
                    known || chosenNames.length > 0
                      ? undefined
                      : "The server’s tools are not known yet.",
                },
              ]}
              value={choice.allTools ? "all" : "chosen"}
              onValueChange={(value) => onChange({ ...choice, allTools: value === "all" })}
            />
          </fieldset>
          {known ? null : (
            <p className="text-muted text-sm">
              Test its connection first to load its tools:{" "}
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
          {onRetry ? (
            <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
              <p className="text-danger-text">The tools could not be loaded.</p>
              <Button size="sm" onClick={onRetry}>
                Try again<span className="sr-only"> to load the tools of {server.name}</span>
              </Button>
            </div>
          ) : server.tools === null && known ? (
            <div className="py-1.5">
              <p role="status" className="sr-only">
                Loading the tools of {server.name}
              </p>
              <Skeleton className="w-64 max-w-full" />
            </div>
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
