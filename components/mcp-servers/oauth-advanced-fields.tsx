"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import type { McpServerInput, OAuthClientInput } from "@/lib/contracts/mcp-server";
import { tokenEndpointAuthMethod } from "@/lib/contracts/mcp-server";
import { TextField, useFieldError } from "./form-field";

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
        <TextField
          name="oauth.issuer"
          label="Issuer"
          hint="Where the provider names itself in its answers (RFC 9207), it has to be with this name."
          placeholder="https://auth.example.com"
          type="url"
          optional
          mono
        />
        <AuthMethodField />
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

/** What is set inside, so that nobody has to open it to see. */
function summaryOf(oauth: OAuthClientInput): string {
  const set = [
    oauth.revocationEndpoint === "" ? null : "revocation URL",
    oauth.issuer === "" ? null : "issuer",
    methods.find(({ value }) => value === oauth.tokenEndpointAuthMethod)?.label,
    oauth.extraAuthorizationParameters.trim() === "" ? null : "extra parameters",
    oauth.resourceIndicator ? null : "no resource indicator",
  ];
  return set.filter(Boolean).join(" · ");
}
