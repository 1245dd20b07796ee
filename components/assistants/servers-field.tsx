"use client";

import { Server } from "lucide-react";
import type { Ref } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Section } from "@/components/ui/section";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";
import { ServerChoiceRow } from "./server-choice-row";
import { type KnownServer, type ServerChoice, withServer } from "./tool-selection";

export type ServersFieldProps = {
  ref: Ref<HTMLDivElement>;
  servers: readonly KnownServer[];
  choices: readonly ServerChoice[];
  /** As they were when the form opened. */
  start: readonly ServerChoice[];
  /** By server: its tools that are not as they were accepted. */
  reviews: ReadonlyMap<string, readonly ToolReview[]>;
  onChange: (choices: ServerChoice[]) => void;
  error: string | undefined;
};

export function ServersField({
  ref,
  servers,
  choices,
  start,
  reviews,
  onChange,
  error,
}: ServersFieldProps) {
  return (
    <Section
      title="Servers and tools"
      description="What it may call. Each call acts as the account that the server’s people share, or as the person who chats."
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
              {servers.map((server) => (
                <ServerChoiceRow
                  key={server.id}
                  server={server}
                  choice={choices.find((each) => each.serverId === server.id)}
                  start={start.find((each) => each.serverId === server.id)}
                  reviews={reviews.get(server.id) ?? []}
                  onChange={(choice) => onChange(withServer(choices, server.id, choice, servers))}
                />
              ))}
            </ul>
          </Card>
        ) : (
          <EmptyState
            icon={<Server />}
            title="There is no MCP server yet"
            headingLevel="h3"
            className="py-8"
            action={
              <Button asChild>
                <a href="/mcp-servers/new" target="_blank" rel="noopener">
                  Register a server
                  <span className="sr-only"> (opens in a new tab)</span>
                </a>
              </Button>
            }
          >
            Without one the assistant can talk, not act. You can add servers later.
          </EmptyState>
        )}
      </div>
    </Section>
  );
}
