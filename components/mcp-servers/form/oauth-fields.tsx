"use client";

import { useDeferredValue } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { TextField } from "@/components/mcp-servers/form/form-field";
import { ExchangeField, GrantTypeCards } from "@/components/mcp-servers/form/grant-type-cards";
import { OAuthAdvancedFields } from "@/components/mcp-servers/form/oauth-advanced-fields";
import {
  ProviderMenu,
  ProviderNote,
  useProviderPreset,
} from "@/components/mcp-servers/form/provider-menu";
import { ProviderWords } from "@/components/mcp-servers/form/provider-words";
import { RegistrationFields } from "@/components/mcp-servers/form/registration-fields";
import {
  parametersOf,
  registersByItself,
  relevantOAuth,
} from "@/components/mcp-servers/form/server-form-values";
import { SettingFields } from "@/components/mcp-servers/form/setting-fields";
import { TokenSharingCards } from "@/components/mcp-servers/form/token-sharing-cards";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { type GrantType, grantedFor } from "@/lib/contracts/servers/kinds";
import { lintClient } from "@/lib/contracts/servers/lint-client";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { asksPeople, grantTypeFor, usesClientSecret } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { type ProviderPreset, presetFor } from "@/lib/contracts/servers/provider-presets";

export function OAuthFields({
  hasStoredSecret,
  callbackUrl,
  clientMetadataUrl,
  secretDemand,
  vendorServerKnown,
}: {
  hasStoredSecret: boolean;
  callbackUrl: string;
  clientMetadataUrl: string | null;
  secretDemand: string | null;
  /** The catalogue knows this MCP server, so a preset for REST APIs says nothing about it. */
  vendorServerKnown: boolean;
}) {
  const { control } = useFormContext<McpServerInput>();
  const endpoint = useWatch({ control, name: "oauth.authorizationEndpoint" }).trim();
  const preset = vendorServerKnown ? null : presetFor(endpoint);
  const grantType = useWatch({ control, name: "oauth.grantType" });
  const ownConsent = useWatch({ control, name: "oauth.ownConsent" });
  const grounds = grantedFor(grantType);
  const hasConsent = asksPeople({ grantType, ownConsent });
  const tokenSharing = useWatch({ control, name: "oauth.tokenSharing" });
  const hasAccountChoice = grounds === "consent" && tokenSharing === "PER_USER";
  const { teamAccount, askWhichAccount } = oauthSettings;
  const sendsSecret = usesClientSecret(
    useWatch({ control, name: "oauth.tokenEndpointAuthMethod" }),
  );
  return (
    <div className="grid gap-5 rounded-lg border border-border p-4 sm:p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-medium text-base">OAuth client</h3>
        {vendorServerKnown || grounds !== "consent" ? null : <ProviderMenu />}
      </div>
      {preset && grounds === "consent" ? <ProviderNote preset={preset} /> : null}
      {grounds === "sign-in" ? <ExchangeField /> : <GrantTypeCards />}
      {grounds === "client" ? null : <TokenSharingField />}
      {hasAccountChoice ? (
        <SettingFields definitions={{ teamAccount, askWhichAccount }} path="oauth" />
      ) : null}
      {grounds === "sign-in" ? (
        <SettingFields definitions={{ ownConsent: oauthSettings.ownConsent }} path="oauth" />
      ) : null}
      <RegistrationFields
        callbackUrl={callbackUrl}
        clientMetadataUrl={clientMetadataUrl}
        hasStoredSecret={hasStoredSecret}
        secretDemand={secretDemand}
      />
      <ProviderWords />
      {grantType === "ID_JAG" ? (
        <TextField
          name="oauth.issuer"
          label="Issuer"
          hint="The server’s authorization server. The identity assertion is made for it alone."
          placeholder="https://auth.example.com"
          type="url"
          required
          mono
        />
      ) : null}
      {hasConsent ? (
        <TextField
          name="oauth.authorizationEndpoint"
          label="Authorization URL"
          hint="Where people are sent to consent."
          placeholder="https://auth.example.com/oauth/authorize"
          type="url"
          required
          mono
        />
      ) : null}
      <TextField
        name="oauth.tokenEndpoint"
        label="Token URL"
        hint={`${tokenUrlHints[grantType]}${sendsSecret ? " The client secret is sent here." : ""}`}
        placeholder="https://auth.example.com/oauth/token"
        type="url"
        required
        mono
      />
      <TextField
        name="oauth.scope"
        label="Scopes"
        hint="Separated by spaces. Leave empty for the provider’s defaults."
        placeholder={preset?.scopeExample || "read write"}
        optional
        mono
      />
      <OAuthAdvancedFields />
      <OAuthWarnings
        hasStoredSecret={hasStoredSecret}
        preset={preset}
        vendorServerKnown={vendorServerKnown}
      />
    </div>
  );
}

const tokenUrlHints: Record<GrantType, string> = {
  AUTHORIZATION_CODE: "Where Usher requests and refreshes tokens.",
  CLIENT_CREDENTIALS: "Where Usher requests tokens.",
  ID_JAG: "Where Usher presents the identity assertion.",
  TOKEN_EXCHANGE: "Of your identity provider, where Usher exchanges a person’s sign-in.",
  ON_BEHALF_OF: "Of your Entra tenant, where Usher exchanges a person’s sign-in.",
};

function TokenSharingField() {
  const { control, setValue, clearErrors } = useFormContext<McpServerInput>();
  const tokenSharing = useWatch({ control, name: "oauth.tokenSharing" });
  const grantType = useWatch({ control, name: "oauth.grantType" });
  return (
    <TokenSharingCards
      of="account"
      mayBeOrganization
      value={tokenSharing}
      onChange={(next) => {
        clearErrors("oauth");
        setValue("oauth.tokenSharing", next, { shouldDirty: true });
        setValue("oauth.grantType", grantTypeFor(next, grantType), { shouldDirty: true });
      }}
    />
  );
}

/** What will probably not work as configured. Saving is allowed regardless. */
function OAuthWarnings({
  hasStoredSecret,
  preset,
  vendorServerKnown,
}: {
  hasStoredSecret: boolean;
  preset: ProviderPreset | null;
  vendorServerKnown: boolean;
}) {
  const { control } = useFormContext<McpServerInput>();
  const apply = useProviderPreset();
  const oauth = relevantOAuth(useDeferredValue(useWatch({ control, name: "oauth" })));
  const byItself = registersByItself(oauth);
  const settings = {
    authorizationEndpoint: oauth.authorizationEndpoint.trim(),
    tokenEndpoint: oauth.tokenEndpoint.trim(),
    revocationEndpoint: oauth.revocationEndpoint.trim() || null,
    tokenEndpointAuthMethod: oauth.tokenEndpointAuthMethod,
    hasClientSecret: hasStoredSecret || oauth.clientSecret !== "",
    scope: oauth.scope,
    extraAuthorizationParameters: parametersOf(oauth.extraAuthorizationParameters),
    resourceIndicator: oauth.resourceIndicator,
  };
  // A missing secret is an error at its field, and without a person's secret there is no method to choose.
  const warnings = lintClient(settings, vendorServerKnown).filter(
    ({ field }) => field !== "clientSecret" && !(byItself && field === "tokenEndpointAuthMethod"),
  );
  if (warnings.length === 0) return null;

  return (
    <Callout
      tone="warning"
      title="This may not work"
      action={
        preset ? (
          <Button size="sm" onClick={() => apply(preset)}>
            Fill in for {preset.name}
          </Button>
        ) : null
      }
    >
      <ul className="grid gap-1">
        {warnings.map(({ field, message }) => (
          <li key={`${field} ${message}`}>{message}</li>
        ))}
      </ul>
    </Callout>
  );
}
