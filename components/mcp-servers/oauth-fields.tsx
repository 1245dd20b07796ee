"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { CopyField } from "@/components/ui/copy-field";
import { Field, FieldGroup } from "@/components/ui/field";
import { RadioCards } from "@/components/ui/radio-cards";
import { SecretInput } from "@/components/ui/secret-input";
import type { McpServerInput } from "@/lib/contracts/mcp-server";
import { presetFor } from "@/lib/contracts/provider-presets";
import { TextField, useFieldError } from "./form-field";
import { OAuthAdvancedFields } from "./oauth-advanced-fields";
import { OAuthWarnings } from "./oauth-warnings";
import { ProviderMenu, ProviderNote } from "./provider-menu";

export function OAuthFields({
  hasStoredSecret,
  callbackUrl,
  secretDemand,
}: {
  hasStoredSecret: boolean;
  callbackUrl: string;
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
      <Field
        label="Callback URL"
        hint="Register it with the provider as the redirect URI, exactly as it stands here. People come back to it after they consent."
      >
        <CopyField value={callbackUrl} copyLabel="Copy callback URL" />
      </Field>
      <div className="@container">
        <div className="grid gap-5 @lg:grid-cols-2">
          <TextField name="oauth.clientId" label="Client ID" required mono />
          <ClientSecretField hasStoredSecret={hasStoredSecret} demand={secretDemand} />
        </div>
      </div>
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

function ClientSecretField({
  hasStoredSecret,
  demand,
}: {
  hasStoredSecret: boolean;
  demand: string | null;
}) {
  const { register, control } = useFormContext<McpServerInput>();
  const method = useWatch({ control, name: "oauth.tokenEndpointAuthMethod" });
  const error = useFieldError("oauth.clientSecret");
  if (method === "NONE") {
    return (
      <Field label="Client Secret" hint="A public client has none (client authentication: None).">
        <SecretInput disabled value="" readOnly />
      </Field>
    );
  }
  const kept = hasStoredSecret && demand === null;
  return (
    <Field
      label="Client Secret"
      required={!kept}
      stored={kept}
      error={error}
      hint={
        demand && !error ? (
          <span className="text-warning-text">{demand}</span>
        ) : kept ? (
          "Left empty it keeps its value."
        ) : (
          "Sealed when saved, and never shown again."
        )
      }
    >
      <SecretInput stored={kept} {...register("oauth.clientSecret")} />
    </Field>
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
