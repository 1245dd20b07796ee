import { Lock, MessagesSquare } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import {
  authenticationNames,
  tokenSharingNames,
  transportNames,
} from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { InlineCode } from "@/components/ui/text/code-block";
import { formatNumber } from "@/lib/contracts/format";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { changedSettingTexts, serverSettings } from "@/lib/contracts/servers/settings";

export function Mono({ children }: { children: ReactNode }) {
  return (
    <span className="font-mono text-xs tracking-tight [overflow-wrap:anywhere]">{children}</span>
  );
}

/** Names of secrets. Their values never leave the server. */
function StoredNames({ names }: { names: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-1">
      {names.map((name) => (
        <li key={name} className="flex min-w-0">
          <InlineCode className="inline-flex items-center gap-1 text-xs">
            <Lock aria-hidden="true" className="size-3 shrink-0 text-muted" />
            {name}
          </InlineCode>
        </li>
      ))}
    </ul>
  );
}

export function ConfigurationCard({ server }: { server: McpServerDetail }) {
  const { url, command, args, environmentNames, headerNames, catalogue } = server;
  const info = catalogue?.serverInfo;
  return (
    <Card>
      <CardHeader title="Configuration" />
      <DefinitionList
        items={[
          {
            term: "Transport",
            value:
              server.transport === "SSE"
                ? "SSE (deprecated in MCP)"
                : transportNames[server.transport],
          },
          { term: "URL", value: url ? <Mono>{url}</Mono> : null },
          { term: "Command", value: command ? <Mono>{command}</Mono> : null },
          {
            term: "Arguments",
            value:
              args.length > 0 ? (
                <ol className="grid gap-0.5">
                  {args.map((arg, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: an argument's place is what it is
                    <li key={index}>
                      <Mono>{arg}</Mono>
                    </li>
                  ))}
                </ol>
              ) : null,
          },
          {
            term: "Environment",
            value: environmentNames.length > 0 ? <StoredNames names={environmentNames} /> : null,
          },
          { term: "Authentication", value: authenticationNames[server.authentication] },
          {
            term: "Token sharing",
            value:
              server.authentication === "HEADERS" ? tokenSharingNames[server.headerSharing] : null,
          },
          {
            term: "Headers",
            value: headerNames.length > 0 ? <StoredNames names={headerNames} /> : null,
          },
          {
            term: "Reported name",
            value: info ? (
              <bdi>
                {info.title ?? info.name} <span className="text-muted">{info.version}</span>
              </bdi>
            ) : null,
          },
          { term: "MCP version", value: info?.protocolVersion },
          {
            term: "Instructions",
            value: info?.instructions ? <ServerInstructions text={info.instructions} /> : null,
          },
          ...changedSettingTexts(serverSettings, server.settings).map(({ label, text }) => ({
            term: label,
            value: text,
          })),
        ]}
      />
    </Card>
  );
}

/** What the server tells models about its tools: untrusted, often long. */
function ServerInstructions({ text }: { text: string }) {
  return (
    <details>
      <summary className="cursor-pointer">{formatNumber(text.length)} characters</summary>
      <p className="mt-2 max-h-80 overflow-y-auto whitespace-pre-wrap text-sm [overflow-wrap:anywhere]">
        <bdi>{text}</bdi>
      </p>
    </details>
  );
}

export function AssistantsCard({ assistants }: Pick<McpServerDetail, "assistants">) {
  return (
    <Card>
      <CardHeader title="Used by" />
      {assistants.length === 0 ? (
        <p className="px-4 py-3 text-muted text-sm">No assistant uses this server yet.</p>
      ) : (
        <ul className="py-1.5">
          {assistants.map(({ id, name }) => (
            <li key={id} className="flex items-center pr-2 hover:bg-hover">
              <Link
                href={`/assistants/${id}`}
                className="min-w-0 flex-1 px-4 py-1.5 text-sm [overflow-wrap:anywhere] focus-visible:-outline-offset-2"
              >
                {name}
              </Link>
              <Button asChild size="sm" variant="ghost">
                <Link
                  href={`/chat?${new URLSearchParams({ assistant: id })}`}
                  aria-label={`Chat with ${name}`}
                >
                  <MessagesSquare aria-hidden="true" />
                </Link>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
