"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/fields/field";
import { Select } from "@/components/ui/fields/select";
import { Switch } from "@/components/ui/fields/switch";
import { grantedFor } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";
import { asksPeople, tokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import type { SettingDefinitions } from "@/lib/contracts/servers/settings";
import { TextField, useFieldError } from "./form-field";
import { registersByItself, relevantOAuth } from "./server-form-values";
import { SettingFields, settingsSummary } from "./setting-fields";

const methods = [
  {
    value: "CLIENT_SECRET_BASIC",
    label: "Basic",
    description: "Client ID and secret in the Authorization header",
  },
  {
    value: "CLIENT_SECRET_BASIC_RAW",
    label: "Basic, not form-encoded",
    description: "For servers that do not decode the header, against RFC 6749 §2.3.1",
  },
  {
    value: "CLIENT_SECRET_POST",
    label: "POST",
    description: "Client ID and secret in the request body",
  },
  {
    value: "PRIVATE_KEY_JWT",
    label: "Signed JWT",
    description: "Usher signs with its own key (private_key_jwt, RFC 7523), no secret",
  },
  { value: "NONE", label: "None", description: "Public client: PKCE only, no secret" },
] as const;

/** The form asks for these beside Token Sharing. */
const { ownConsent: _, teamAccount: __, askWhichAccount: ___, ...advancedSettings } = oauthSettings;

/** Without those for unused features, such as a refresh token, and those shown elsewhere. */
function settingsFor(oauth: OAuthClientInput): SettingDefinitions {
  const { scopeOnRefresh, refreshEndpoint, exchangeIdToken, ...others } = advancedSettings;
  const { signWithRs256, assertionAudience, ...always } = others;
  const { grantType, tokenEndpointAuthMethod } = oauth;
  return {
    ...(asksPeople(oauth) ? { scopeOnRefresh, refreshEndpoint } : {}),
    ...(grantType === "TOKEN_EXCHANGE" ? { exchangeIdToken } : {}),
    ...always,
    ...(tokenEndpointAuthMethod === "PRIVATE_KEY_JWT" ? { signWithRs256, assertionAudience } : {}),
  };
}

export function OAuthAdvancedFields() {
  const { control, register } = useFormContext<McpServerInput>();
  const oauth = relevantOAuth(useWatch({ control, name: "oauth" }));
  const byItself = registersByItself(oauth);
  const hasConsent = asksPeople(oauth);
  return (
    <Disclosure title="Advanced" summary={summaryOf(oauth)}>
      <div className="grid gap-5">
        <TextField
          name="oauth.revocationEndpoint"
          label="Revocation URL"
          hint="Called when access is revoked or a person disconnects (RFC 7009)."
          placeholder="https://auth.example.com/oauth/revoke"
          type="url"
          optional
          mono
        />
        {byItself || oauth.grantType === "ID_JAG" ? null : (
          <TextField
            name="oauth.issuer"
            label="Issuer"
            hint={
              hasConsent
                ? "Must match the issuer in the provider’s responses (RFC 9207)."
                : "The authorization server where the client is registered."
            }
            placeholder="https://auth.example.com"
            type="url"
            optional
            mono
          />
        )}
        {hasConsent ? (
          <Switch
            label="Require the issuer in responses"
            description="Rejects responses without an issuer (RFC 9207). Turned on if the provider’s metadata promises it."
            {...register("oauth.issParameterRequired")}
          />
        ) : null}
        {byItself ? (
          <AgreedAuthMethod />
        ) : (
          <AuthMethodField mayBePublic={grantedFor(oauth.grantType) !== "client"} />
        )}
        {hasConsent ? (
          <TextField
            name="oauth.extraAuthorizationParameters"
            label="Extra authorization parameters"
            hint="One per line, as name=value. Added to the Authorization URL."
            placeholder={"access_type=offline\nprompt=consent"}
            optional
            mono
            lines={2}
          />
        ) : null}
        <Switch
          label="Send the resource indicator"
          description="Sends the server’s URL in requests (RFC 8707), so that tokens work only for this server. Turn it off for providers that reject it, such as Microsoft Entra."
          {...register("oauth.resourceIndicator")}
        />
        {oauth.resourceIndicator ? (
          <TextField
            name="oauth.resource"
            label="Resource"
            hint="The resource in the server’s metadata (RFC 9728). Leave empty to use its URL."
            placeholder="https://mcp.example.com/mcp"
            type="url"
            optional
            mono
          />
        ) : null}
        <SettingFields definitions={settingsFor(oauth)} path="oauth" />
      </div>
    </Disclosure>
  );
}

function AuthMethodField({ mayBePublic }: { mayBePublic: boolean }) {
  const { control, setValue } = useFormContext<McpServerInput>();
  const method = useWatch({ control, name: "oauth.tokenEndpointAuthMethod" });
  const error = useFieldError("oauth.tokenEndpointAuthMethod");
  return (
    <Field
      label="Client authentication"
      hint="How Usher authenticates at the Token URL."
      error={error}
    >
      <Select
        value={method}
        onValueChange={(value) =>
          setValue("oauth.tokenEndpointAuthMethod", tokenEndpointAuthMethod.parse(value), {
            shouldDirty: true,
          })
        }
        options={mayBePublic ? methods : methods.filter(({ value }) => value !== "NONE")}
      />
    </Field>
  );
}

/** Usher and the provider settle it between them. */
function AgreedAuthMethod() {
  return (
    <div className="grid gap-0.5 text-sm">
      <p className="font-medium">Client authentication</p>
      <p className="text-muted text-xs">Chosen at registration, from what the provider supports.</p>
    </div>
  );
}

/** What is set inside, so that no one has to open it to see. */
function summaryOf(oauth: OAuthClientInput): string {
  const set = [
    oauth.revocationEndpoint === "" ? null : "revocation URL",
    oauth.issuer === "" || registersByItself(oauth) || oauth.grantType === "ID_JAG"
      ? null
      : "issuer",
    registersByItself(oauth)
      ? null
      : methods.find(({ value }) => value === oauth.tokenEndpointAuthMethod)?.label,
    oauth.extraAuthorizationParameters.trim() === "" ? null : "extra parameters",
    oauth.issParameterRequired ? "issuer required" : null,
    oauth.resourceIndicator ? null : "no resource indicator",
    ...settingsSummary(advancedSettings, oauth),
  ];
  return set.filter(Boolean).join(" · ");
}
