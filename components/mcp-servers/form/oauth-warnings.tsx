"use client";

import { useDeferredValue } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { lintClient } from "@/lib/contracts/servers/lint-client";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { ProviderPreset } from "@/lib/contracts/servers/provider-presets";
import { useProviderPreset } from "./provider-menu";
import { parametersOf, registersByItself } from "./server-form-values";

/** What will probably not work as it is. Saving is allowed regardless. */
export function OAuthWarnings({
  hasStoredSecret,
  preset,
}: {
  hasStoredSecret: boolean;
  preset: ProviderPreset | null;
}) {
  const { control } = useFormContext<McpServerInput>();
  const apply = useProviderPreset();
  const oauth = useDeferredValue(useWatch({ control, name: "oauth" }));
  const byItself = registersByItself(oauth);
  const warnings = lintClient({
    authorizationEndpoint: oauth.authorizationEndpoint.trim(),
    tokenEndpoint: oauth.tokenEndpoint.trim(),
    revocationEndpoint: oauth.revocationEndpoint.trim() || null,
    tokenEndpointAuthMethod: oauth.tokenEndpointAuthMethod,
    hasClientSecret: hasStoredSecret || oauth.clientSecret !== "",
    scope: oauth.scope,
    extraAuthorizationParameters: parametersOf(oauth.extraAuthorizationParameters),
    resourceIndicator: oauth.resourceIndicator,
    // A secret that is missing is an error of its field, and without a person's there is no method to choose.
  }).filter(
    ({ field }) => field !== "clientSecret" && !(byItself && field === "tokenEndpointAuthMethod"),
  );
  if (warnings.length === 0) return null;

  return (
    <Callout
      tone="warning"
      title="This may not work as it is"
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
