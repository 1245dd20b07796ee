"use client";

import { useDeferredValue } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { TextField } from "@/components/mcp-servers/form/form-field";
import { GrantTypeCards } from "@/components/mcp-servers/form/grant-type-cards";
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
import { TokenSharingCards } from "@/components/mcp-servers/form/token-sharing-cards";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { needsConsent } from "@/lib/contracts/servers/kinds";
import { lintClient } from "@/lib/contracts/servers/lint-client";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { usesClientSecret } from "@/lib/contracts/servers/oauth-client";
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
  const asksPeople = needsConsent(useWatch({ control, name: "oauth.grantType" }));
  const sendsSecret = usesClientSecret(
    useWatch({ control, name: "oauth.tokenEndpointAuthMethod" }),
  );
  return (
    <div className="grid gap-5 rounded-lg border border-border p-4 sm:p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-medium text-base">OAuth client</h3>
        {vendorServerKnown || !asksPeople ? null : <ProviderMenu />}
      </div>
      {preset && asksPeople ? <ProviderNote preset={preset} /> : null}
      <GrantTypeCards />
      <RegistrationFields
        callbackUrl={callbackUrl}
        clientMetadataUrl={clientMetadataUrl}
        hasStoredSecret={hasStoredSecret}
        secretDemand={secretDemand}
      />
      <ProviderWords />
      {asksPeople ? (
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
        hint={`Where Usher requests and refreshes tokens.${sendsSecret ? " The client secret is sent here." : ""}`}
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
      {asksPeople ? <TokenSharingField /> : null}
      <OAuthAdvancedFields />
      <OAuthWarnings
        hasStoredSecret={hasStoredSecret}
        preset={preset}
        vendorServerKnown={vendorServerKnown}
      />
    </div>
  );
}

function TokenSharingField() {
  const { control, setValue } = useFormContext<McpServerInput>();
  const tokenSharing = useWatch({ control, name: "oauth.tokenSharing" });
  return (
    <TokenSharingCards
      of="account"
      value={tokenSharing}
      onChange={(next) => setValue("oauth.tokenSharing", next, { shouldDirty: true })}
    />
  );
}

/** What will probably not work as it is. Saving is allowed regardless. */
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
  // A secret that is missing is an error of its field, and without a person's there is no method to choose.
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
