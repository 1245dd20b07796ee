"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { grantTypeNames } from "@/components/mcp-servers/registration-words";
import { FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { useFieldError } from "./form-field";

/** Whether people sign in at the provider, or the client alone. The fields below follow from it. */
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
