import { Lock } from "lucide-react";
import { ScopeList } from "@/components/connections/scope-list";
import { Mono } from "@/components/mcp-servers/detail/configuration-cards";
import { Moment } from "@/components/mcp-servers/detail/shared-connection-card";
import {
  grantTypeNames,
  registrationNames,
  registrationReasons,
  tokenEndpointAuthMethodNames,
} from "@/components/mcp-servers/registration-words";
import { tokenSharingNames } from "@/components/mcp-servers/server-words";
import { Callout } from "@/components/ui/callout";
import { type Definition, DefinitionList } from "@/components/ui/definition-list";
import { Disclosure } from "@/components/ui/disclosure";
import type { OAuthClientView } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { changedSettingTexts } from "@/lib/contracts/servers/settings";

/** Everything set and known about the OAuth client, folded: few people need it. Required actions are shown above. */
export function OAuthCard({ client }: { client: OAuthClientView }) {
  return (
    <div className="grid gap-3">
      <RegistrationNotice client={client} />
      <Disclosure title={<h2 className="inline">OAuth 2.0</h2>} summary={summaryOf(client)}>
        <div className="-m-4">
          <DefinitionList items={[...registrationItems(client), ...endpointItems(client)]} />
        </div>
      </Disclosure>
    </div>
  );
}

function summaryOf({ registration, registered, clientId }: OAuthClientView): string {
  if (registration === "PRE_REGISTERED") return registrationNames[registration];
  return registered || clientId !== "" ? "Registered by Usher" : "Not registered yet";
}

function RegistrationNotice({ client: { registered } }: { client: OAuthClientView }) {
  if (registered?.forgotten) {
    return (
      <Callout tone="warning" title="The provider no longer recognizes this client">
        Authorize again. Usher then registers again automatically.
      </Callout>
    );
  }
  const { words, earlier } = registrationReasons[registered?.because ?? "first"];
  return earlier ? (
    <Callout title="Usher registered again">
      {words} Access granted to the previous client has ended.
    </Callout>
  ) : null;
}

function registrationItems(client: OAuthClientView): Definition[] {
  const { registration, registered, clientId } = client;
  const automatic = registration !== "PRE_REGISTERED";
  return [
    { term: "Grant type", value: grantTypeNames[client.grantType] },
    { term: "Token sharing", value: tokenSharingNames[client.tokenSharing] },
    { term: "Registration", value: registrationNames[registration] },
    {
      term: "Registered",
      value: registered ? (
        <Moment value={registered.at} relative />
      ) : automatic ? (
        "When somebody authorizes"
      ) : null,
    },
    {
      term: "Why",
      value:
        registered && !registrationReasons[registered.because].earlier
          ? registrationReasons[registered.because].words
          : null,
    },
    { term: "Client ID", value: clientId ? <Mono>{clientId}</Mono> : null },
    { term: "Client secret", value: clientId ? <ClientSecret client={client} /> : null },
    {
      term: "Client authentication",
      value: tokenEndpointAuthMethodNames[client.tokenEndpointAuthMethod],
    },
    {
      term: "Working method",
      value: client.workingAuthMethod && (
        <>
          {tokenEndpointAuthMethodNames[client.workingAuthMethod]}. The provider refused the one
          that was chosen.
        </>
      ),
    },
  ];
}

function ClientSecret({ client: { hasClientSecret, registered } }: { client: OAuthClientView }) {
  if (!hasClientSecret) return registered ? "None: a public client, protected by PKCE" : "None";
  return (
    <>
      <span className="inline-flex items-center gap-1.5">
        <Lock aria-hidden="true" className="size-3.5 text-muted" />
        Stored
      </span>
      {registered?.secretExpiresAt ? (
        <>
          . Expires <Moment value={registered.secretExpiresAt} relative />. Usher registers again on
          the next authorization after that.
        </>
      ) : null}
    </>
  );
}

function endpointItems(client: OAuthClientView): Definition[] {
  const { issuer, registered, revocationEndpoint } = client;
  const extra = Object.entries(client.extraAuthorizationParameters);
  return [
    { term: "Issuer", value: issuer ? <Mono>{issuer}</Mono> : null },
    {
      term: "Registered with",
      value: registered && registered.issuer !== issuer ? <Mono>{registered.issuer}</Mono> : null,
    },
    {
      term: "Issuer in the server’s metadata",
      value: client.issuerAlias && `${client.issuerAlias}, accepted by an admin`,
    },
    {
      term: "Issuer in responses",
      value: client.issParameterRequired ? "Required (RFC 9207)" : null,
    },
    {
      term: "Authorization URL",
      value: client.authorizationEndpoint && <Mono>{client.authorizationEndpoint}</Mono>,
    },
    { term: "Token URL", value: <Mono>{client.tokenEndpoint}</Mono> },
    {
      term: "Revocation URL",
      value: revocationEndpoint ? <Mono>{revocationEndpoint}</Mono> : null,
    },
    {
      term: "Registration URL",
      value: client.registrationEndpoint ? <Mono>{client.registrationEndpoint}</Mono> : null,
    },
    { term: "Scopes", value: client.scope ? <ScopeList scope={client.scope} /> : null },
    {
      term: "Resource",
      value: !client.resourceIndicator ? (
        "Omitted"
      ) : client.resource ? (
        <Mono>{client.resource}</Mono>
      ) : (
        "The server’s URL (RFC 8707)"
      ),
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
    { term: "S256", value: client.s256Confirmed ? "Supported, as an admin confirmed" : null },
    ...changedSettingTexts(oauthSettings, client).map(({ label, text }) => ({
      term: label,
      value: text,
    })),
  ];
}
