"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { grantTypeNames } from "@/components/mcp-servers/registration-words";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Select } from "@/components/ui/fields/select";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { grantType } from "@/lib/contracts/servers/oauth-client";
import { useFieldError } from "./form-field";

/** Whether people sign in at the provider, or only the client. The fields below follow from it. */
export function GrantTypeCards() {
  const { control, setValue, clearErrors } = useFormContext<McpServerInput>();
  const value = useWatch({ control, name: "oauth.grantType" });
  const method = useWatch({ control, name: "oauth.tokenEndpointAuthMethod" });
  const error = useFieldError("oauth.grantType");
  return (
    <FieldGroup label="Grant type" hint="How Usher gets access tokens." error={error}>
      <RadioCards
        columns={2}
        value={value}
        onValueChange={(next) => {
          clearErrors("oauth");
          setValue("oauth.grantType", next, { shouldDirty: true });
          if (next === "CLIENT_CREDENTIALS" && method === "NONE") {
            setValue("oauth.tokenEndpointAuthMethod", "CLIENT_SECRET_BASIC");
          }
        }}
        options={[
          {
            value: "AUTHORIZATION_CODE",
            title: grantTypeNames.AUTHORIZATION_CODE,
            note: "Default",
            description: "A person signs in at the provider and consents.",
          },
          {
            value: "CLIENT_CREDENTIALS",
            title: grantTypeNames.CLIENT_CREDENTIALS,
            description: "Usher signs in as the client. The whole team shares its account.",
          },
        ]}
      />
    </FieldGroup>
  );
}

const exchanges = [
  {
    value: "ID_JAG",
    label: grantTypeNames.ID_JAG,
    description: "Enterprise-Managed Authorization: the server trusts your identity provider",
  },
  {
    value: "TOKEN_EXCHANGE",
    label: grantTypeNames.TOKEN_EXCHANGE,
    description: "Your identity provider issues the server’s tokens (RFC 8693)",
  },
  {
    value: "ON_BEHALF_OF",
    label: grantTypeNames.ON_BEHALF_OF,
    description: "The same with Microsoft Entra ID",
  },
] as const;

/** How a person's sign-in becomes access to the server. */
export function ExchangeField() {
  const { control, setValue, clearErrors } = useFormContext<McpServerInput>();
  const value = useWatch({ control, name: "oauth.grantType" });
  const error = useFieldError("oauth.grantType");
  return (
    <Field
      label="Grant type"
      hint="How a person’s sign-in becomes access to this server."
      error={error}
    >
      <Select
        value={value}
        onValueChange={(next) => {
          clearErrors("oauth");
          setValue("oauth.grantType", grantType.parse(next), { shouldDirty: true });
        }}
        options={exchanges}
      />
    </Field>
  );
}
