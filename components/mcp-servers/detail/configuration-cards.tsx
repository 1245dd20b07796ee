import { Lock } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { ScopeList } from "@/components/connections/scope-list";
import {
  registrationNames,
  tokenEndpointAuthMethodNames,
} from "@/components/mcp-servers/registration-words";
import {
  authenticationNames,
  tokenSharingNames,
  transportNames,
} from "@/components/mcp-servers/server-words";
import { Card, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { InlineCode } from "@/components/ui/text/code-block";
import { formatNumber } from "@/lib/contracts/format";
import type { McpServerDetail, OAuthClientView } from "@/lib/contracts/servers/mcp-server";
import {
  changedSettingTexts,
  oauthSettings,
  type SettingDefinitions,
  type SettingValues,
  serverSettings,
} from "@/lib/contracts/servers/settings";

function Mono({ children }: { children: ReactNode }) {
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

/** The settings that differ from their defaults. */
function changedSettingItems<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  values: SettingValues<Definitions>,
) {
  return changedSettingTexts(definitions, values).map(({ label, text }) => ({
    term: label,
    value: text,
  }));
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
          ...changedSettingItems(serverSettings, server.settings),
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

export function OAuthClientCard({ client }: { client: OAuthClientView }) {
  const extra = Object.entries(client.extraAuthorizationParameters);
  return (
    <Card>
      <CardHeader title="OAuth 2.0" />
      <DefinitionList
        items={[
          { term: "Token sharing", value: tokenSharingNames[client.tokenSharing] },
          { term: "Registration", value: registrationNames[client.registration] },
          { term: "Client ID", value: client.clientId ? <Mono>{client.clientId}</Mono> : null },
          {
            term: "Client secret",
            value:
              client.clientId === "" ? null : client.hasClientSecret ? (
                <span className="inline-flex items-center gap-1.5">
                  <Lock aria-hidden="true" className="size-3.5 text-muted" />
                  Stored
                </span>
              ) : (
                "None"
              ),
          },
          { term: "Authorization URL", value: <Mono>{client.authorizationEndpoint}</Mono> },
          { term: "Token URL", value: <Mono>{client.tokenEndpoint}</Mono> },
          {
            term: "Revocation URL",
            value: client.revocationEndpoint ? <Mono>{client.revocationEndpoint}</Mono> : null,
          },
          { term: "Issuer", value: client.issuer ? <Mono>{client.issuer}</Mono> : null },
          { term: "Scopes", value: client.scope ? <ScopeList scope={client.scope} /> : null },
          {
            term: "Client authentication",
            value: tokenEndpointAuthMethodNames[client.tokenEndpointAuthMethod],
          },
          {
            term: "Extra parameters",
            value:
              extra.length > 0 ? (
                <ul className="grid gap-0.5">
                  {extra.map(([name, value]) => (
                    <li key={name}>
                      <Mono>
                        {name}={value}
                      </Mono>
                    </li>
                  ))}
                </ul>
              ) : null,
          },
          {
            term: "Resource indicator",
            value: client.resourceIndicator ? "Sent (RFC 8707)" : "Omitted",
          },
          {
            term: "Resource",
            value:
              client.resourceIndicator && client.resource ? <Mono>{client.resource}</Mono> : null,
          },
          {
            term: "Issuer in responses",
            value: client.issParameterRequired ? "Required (RFC 9207)" : null,
          },
          {
            term: "Working method",
            value: client.workingAuthMethod && (
              <>
                {tokenEndpointAuthMethodNames[client.workingAuthMethod]}. The provider refused the
                one that was chosen.
              </>
            ),
          },
          { term: "Registration URL", value: client.registrationEndpoint },
          {
            term: "S256",
            value: client.s256Confirmed ? "Supported, as an admin confirmed" : null,
          },
          {
            term: "Issuer in the server’s metadata",
            value: client.issuerAlias && `${client.issuerAlias}, accepted by an admin`,
          },
          ...changedSettingItems(oauthSettings, client),
        ]}
      />
    </Card>
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
            <li key={id}>
              <Link
                href={`/assistants/${id}`}
                className="block px-4 py-1.5 text-sm [overflow-wrap:anywhere] hover:bg-hover focus-visible:-outline-offset-2"
              >
                {name}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
