"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/fields/field";
import { Select } from "@/components/ui/fields/select";
import { Switch } from "@/components/ui/fields/switch";
import type { McpServerInput, OAuthClientInput } from "@/lib/contracts/servers/mcp-server";
import { tokenEndpointAuthMethod } from "@/lib/contracts/servers/mcp-server";
import { TextField, useFieldError } from "./form-field";
import { registersByItself } from "./server-form-values";

const methods = [
  {
    value: "CLIENT_SECRET_BASIC",
    label: "Basic",
    description: "Client ID and secret in the Authorization header",
  },
  {
    value: "CLIENT_SECRET_POST",
    label: "POST",
    description: "Client ID and secret in the request’s body",
  },
  { value: "NONE", label: "None", description: "A public client: PKCE alone, no secret" },
] as const;

export function OAuthAdvancedFields() {
  const { control, register } = useFormContext<McpServerInput>();
  const oauth = useWatch({ control, name: "oauth" });
  const byItself = registersByItself(oauth);
  return (
    <Disclosure title="Advanced" summary={summaryOf(oauth)}>
      <div className="grid gap-5">
        <TextField
          name="oauth.revocationEndpoint"
          label="Revocation URL"
          hint="Told when access is revoked or a person disconnects (RFC 7009)."
          placeholder="https://auth.example.com/oauth/revoke"
          type="url"
          optional
          mono
        />
        {byItself ? null : (
          <TextField
            name="oauth.issuer"
            label="Issuer"
            hint="Where the provider names itself in its answers (RFC 9207), it has to be with this name."
            placeholder="https://auth.example.com"
            type="url"
            optional
            mono
          />
        )}
        <Switch
          label="Require the issuer in answers"
          description="Refuses an answer that does not name its issuer (RFC 9207). On where the provider’s metadata promise it."
          {...register("oauth.issParameterRequired")}
        />
        {byItself ? <AgreedAuthMethod /> : <AuthMethodField />}
        <TextField
          name="oauth.extraAuthorizationParameters"
          label="Extra authorization parameters"
          hint="One a line, as name=value, added to the Authorization URL."
          placeholder={"access_type=offline\nprompt=consent"}
          optional
          mono
          lines={2}
        />
        <Switch
          label="Send the resource indicator"
          description="Names the server’s URL in requests (RFC 8707), so that tokens are good for it alone. Turn it off for providers that refuse it, such as Microsoft Entra."
          {...register("oauth.resourceIndicator")}
        />
        {oauth.resourceIndicator ? (
          <TextField
            name="oauth.resource"
            label="Resource"
            hint="What the server calls itself in its metadata (RFC 9728). Empty: its URL."
            placeholder="https://mcp.example.com/mcp"
            type="url"
            optional
            mono
          />
        ) : null}
      </div>
    </Disclosure>
  );
}

function AuthMethodField() {
  const { control, setValue } = useFormContext<McpServerInput>();
  const method = useWatch({ control, name: "oauth.tokenEndpointAuthMethod" });
  const error = useFieldError("oauth.tokenEndpointAuthMethod");
  return (
    <Field
      label="Client authentication"
      hint="How Usher proves to the Token URL that it is this client."
      error={error}
    >
      <Select
        value={method}
        onValueChange={(value) =>
          setValue("oauth.tokenEndpointAuthMethod", tokenEndpointAuthMethod.parse(value), {
            shouldDirty: true,
          })
        }
        options={methods}
      />
    </Field>
  );
}

/** Usher and the provider settle it between them. */
function AgreedAuthMethod() {
  return (
    <div className="grid gap-0.5 text-sm">
      <p className="font-medium">Client authentication</p>
      <p className="text-muted text-xs">
        Settled with the provider when Usher becomes its client, by what the provider supports.
      </p>
    </div>
  );
}

/** What is set inside, so that nobody has to open it to see. */
function summaryOf(oauth: OAuthClientInput): string {
  const set = [
    oauth.revocationEndpoint === "" ? null : "revocation URL",
    oauth.issuer === "" || registersByItself(oauth) ? null : "issuer",
    registersByItself(oauth)
      ? null
      : methods.find(({ value }) => value === oauth.tokenEndpointAuthMethod)?.label,
    oauth.extraAuthorizationParameters.trim() === "" ? null : "extra parameters",
    oauth.issParameterRequired ? "issuer required" : null,
    oauth.resourceIndicator ? null : "no resource indicator",
  ];
  return set.filter(Boolean).join(" · ");
}
