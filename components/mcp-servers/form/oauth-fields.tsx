"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { presetFor } from "@/lib/contracts/servers/provider-presets";
import { TextField } from "./form-field";
import { OAuthAdvancedFields } from "./oauth-advanced-fields";
import { OAuthWarnings } from "./oauth-warnings";
import { ProviderMenu, ProviderNote } from "./provider-menu";
import { RegistrationFields } from "./registration-fields";

export function OAuthFields({
  hasStoredSecret,
  callbackUrl,
  clientMetadataUrl,
  secretDemand,
}: {
  hasStoredSecret: boolean;
  callbackUrl: string;
  clientMetadataUrl: string | null;
  secretDemand: string | null;
}) {
  const { control } = useFormContext<McpServerInput>();
  const preset = presetFor(useWatch({ control, name: "oauth.authorizationEndpoint" }).trim());
  return (
    <div className="grid gap-5 rounded-lg border border-border p-4 sm:p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-medium text-base">OAuth client</h3>
        <ProviderMenu />
      </div>
      {preset ? <ProviderNote preset={preset} /> : null}
      <RegistrationFields
        callbackUrl={callbackUrl}
        clientMetadataUrl={clientMetadataUrl}
        hasStoredSecret={hasStoredSecret}
        secretDemand={secretDemand}
      />
      <TextField
        name="oauth.authorizationEndpoint"
        label="Authorization URL"
        hint="Where people are sent to consent."
        placeholder="https://auth.example.com/oauth/authorize"
        type="url"
        required
        mono
      />
      <TextField
        name="oauth.tokenEndpoint"
        label="Token URL"
        hint="Where Usher gets tokens and renews them. The client secret goes there."
        placeholder="https://auth.example.com/oauth/token"
        type="url"
        required
        mono
      />
      <TextField
        name="oauth.scope"
        label="Scopes"
        hint="What to ask for, separated by spaces. Empty: what the provider gives by default."
        placeholder={preset?.scopeExample || "read write"}
        optional
        mono
      />
      <TokenSharingCards />
      <OAuthAdvancedFields />
      <OAuthWarnings hasStoredSecret={hasStoredSecret} preset={preset} />
    </div>
  );
}

function TokenSharingCards() {
  const { control, setValue } = useFormContext<McpServerInput>();
  const tokenSharing = useWatch({ control, name: "oauth.tokenSharing" });
  return (
    <FieldGroup label="Token Sharing">
      <RadioCards
        columns={2}
        value={tokenSharing}
        onValueChange={(next) => setValue("oauth.tokenSharing", next, { shouldDirty: true })}
        options={[
          {
            value: "SHARED",
            title: "Shared",
            note: "Default",
            description:
              "One account for the whole team. An admin authorizes once, and everybody’s calls act as it.",
          },
          {
            value: "PER_USER",
            title: "Per User",
            description:
              "Each person’s own account. The chat asks at the first call that needs it, and calls act as that person.",
          },
        ]}
      />
    </FieldGroup>
  );
}
