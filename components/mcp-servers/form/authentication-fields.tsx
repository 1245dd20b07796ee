"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Section } from "@/components/ui/section";
import {
  type AuthenticationType,
  authenticationTypes,
  startsProgram,
} from "@/lib/contracts/servers/kinds";
import {
  type McpServerDetail,
  type McpServerInput,
  whyNotOverStdio,
} from "@/lib/contracts/servers/mcp-server";
import type { McpServerFormContext } from "@/lib/queries/server-form";
import { chosenParts, useFieldError } from "./form-field";
import { HeaderFields } from "./header-fields";
import { OAuthFields } from "./oauth-fields";
import type { SecretDemands } from "./stored-secrets";
import { useVendorServer, VendorServerWarnings } from "./vendor-server-warnings";

const cards = {
  NONE: { title: "None", description: "The server requires no authentication." },
  HEADERS: {
    title: "Headers",
    description: "Headers sent with every request, such as an API key.",
  },
  OAUTH: {
    title: "OAuth 2.0",
    description: "People consent once. Access renews automatically.",
  },
} as const satisfies Record<AuthenticationType, { title: string; description: string }>;

/** Over stdio a server gets its secrets as environment variables, and only there. */
function cardOverStdio(type: AuthenticationType) {
  const reason = whyNotOverStdio[type];
  return reason === null
    ? { description: "Pass secrets to the program as environment variables." }
    : { disabledReason: reason };
}

export function AuthenticationFields({
  server,
  context: { callbackUrl, clientMetadataUrl },
  demands,
}: {
  server: McpServerDetail | null;
  context: Pick<McpServerFormContext, "callbackUrl" | "clientMetadataUrl">;
  demands: SecretDemands;
}) {
  const { control, setValue, clearErrors } = useFormContext<McpServerInput>();
  const authentication = useWatch({ control, name: "authentication" });
  const stdio = startsProgram(useWatch({ control, name: "transport" }));
  const error = useFieldError("authentication");
  const vendorServer = useVendorServer();

  function credentialFields() {
    switch (authentication) {
      case "NONE":
        return null;
      case "HEADERS":
        return <HeaderFields storedNames={server?.headerNames ?? []} demand={demands.headers} />;
      case "OAUTH":
        return (
          <OAuthFields
            hasStoredSecret={server?.oauthClient?.hasClientSecret ?? false}
            callbackUrl={callbackUrl}
            clientMetadataUrl={clientMetadataUrl}
            secretDemand={demands.clientSecret}
            vendorServerKnown={vendorServer !== null}
          />
        );
      default:
        return authentication satisfies never;
    }
  }

  return (
    <Section title="Authentication" description="How Usher authenticates with the server.">
      <FieldGroup label="Authentication" error={error} className="[&>legend]:sr-only">
        <RadioCards
          columns={3}
          value={authentication}
          onValueChange={(next) => {
            clearErrors(chosenParts);
            setValue("authentication", next, { shouldDirty: true });
          }}
          options={authenticationTypes.map((type) => ({
            value: type,
            ...cards[type],
            ...(stdio ? cardOverStdio(type) : {}),
          }))}
        />
      </FieldGroup>
      {credentialFields()}
      {vendorServer ? (
        <VendorServerWarnings server={vendorServer} storedHeaderNames={server?.headerNames ?? []} />
      ) : null}
    </Section>
  );
}
