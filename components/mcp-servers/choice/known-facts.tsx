import { registrationNames } from "@/components/mcp-servers/registration-words";
import { transportNames } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { DefinitionList } from "@/components/ui/definition-list";
import { Disclosure } from "@/components/ui/disclosure";
import { InlineCode } from "@/components/ui/text/code-block";
import { TextLink } from "@/components/ui/text/text-link";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { formatLongDay } from "@/lib/contracts/format-day";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";

/** Settings made without asking, and the way to change them. */
export function KnownFacts({
  server,
  draft,
  onEditEverything,
}: {
  server: VendorServer;
  draft: McpServerInput;
  onEditEverything: () => void;
}) {
  const { oauth } = draft;
  const usesOAuth = draft.authentication === "OAUTH";
  const code = (value: string | undefined) =>
    value && usesOAuth ? <InlineCode className="text-2xs">{value}</InlineCode> : null;
  return (
    <Disclosure
      title="What Usher knows"
      summary={`${draft.url || server.url} · ${transportNames[draft.transport]}`}
    >
      <div className="-m-4">
        <DefinitionList
          items={[
            {
              term: "URL",
              value: <InlineCode className="text-2xs">{draft.url || server.url}</InlineCode>,
            },
            { term: "Transport", value: transportNames[draft.transport] },
            {
              term: "Registration",
              value:
                usesOAuth && oauth.registration && oauth.authorizationEndpoint !== ""
                  ? registrationNames[oauth.registration]
                  : null,
            },
            {
              term: "Header",
              value: server.header && <InlineCode>{server.header.name}</InlineCode>,
            },
            { term: "Authorization URL", value: code(oauth.authorizationEndpoint) },
            { term: "Token URL", value: code(oauth.tokenEndpoint) },
            { term: "Revocation URL", value: code(oauth.revocationEndpoint) },
            { term: "Scopes", value: code(oauth.scope) },
            { term: "Extra parameters", value: code(oauth.extraAuthorizationParameters) },
            {
              term: "Resource",
              value: usesOAuth && !oauth.resourceIndicator ? "Not sent" : code(oauth.resource),
            },
            {
              term: "Organization",
              value: server.enterpriseManaged
                ? "Supports Enterprise-Managed Authorization: your identity provider can give people access. Choose Token Sharing under Edit everything."
                : null,
            },
            {
              term: "Documentation",
              value: (
                <>
                  <TextLink external href={server.documentation}>
                    {server.vendor}
                  </TextLink>
                  <span className="text-muted">, checked {formatLongDay(server.checkedOn)}</span>
                </>
              ),
            },
          ]}
        />
        <div className="border-border border-t px-4 py-3">
          <Button size="sm" onClick={onEditEverything}>
            Edit everything
          </Button>
        </div>
      </div>
    </Disclosure>
  );
}
