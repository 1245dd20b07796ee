"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { registrationNames } from "@/components/mcp-servers/registration-words";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { InlineCode } from "@/components/ui/text/code-block";
import { needsConsent } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { asksPeople, jwksPath } from "@/lib/contracts/servers/oauth-client";
import { TextField, useFieldError } from "./form-field";

/** How Usher becomes a client of the provider, and what it needs from a person for that. */
export function RegistrationFields({
  callbackUrl,
  clientMetadataUrl,
  hasStoredSecret,
  secretDemand,
}: {
  callbackUrl: string;
  clientMetadataUrl: string | null;
  hasStoredSecret: boolean;
  secretDemand: string | null;
}) {
  const { control } = useFormContext<McpServerInput>();
  const registration = useWatch({ control, name: "oauth.registration" }) ?? "PRE_REGISTERED";
  const grantType = useWatch({ control, name: "oauth.grantType" });
  const ownConsent = useWatch({ control, name: "oauth.ownConsent" });
  const method = useWatch({ control, name: "oauth.tokenEndpointAuthMethod" });
  const callback = (
    <Field
      label="Callback URL"
      hint="Register it with the provider as the redirect URI, exactly as shown. People return to it after they consent."
    >
      <CopyField value={callbackUrl} copyLabel="Copy callback URL" />
    </Field>
  );
  const credentials = (
    <div className="@container">
      <div className="grid gap-5 @lg:grid-cols-2">
        <TextField name="oauth.clientId" label="Client ID" required mono />
        {method === "PRIVATE_KEY_JWT" ? (
          <Field
            label="JWKS URL"
            hint="Usher’s public keys. Register it with the provider instead of a secret."
          >
            <CopyField value={new URL(jwksPath, callbackUrl).href} copyLabel="Copy JWKS URL" />
          </Field>
        ) : (
          <ClientSecretField hasStoredSecret={hasStoredSecret} demand={secretDemand} />
        )}
      </div>
    </div>
  );
  if (!needsConsent(grantType)) {
    return (
      <>
        {asksPeople({ grantType, ownConsent }) ? callback : null}
        {credentials}
      </>
    );
  }
  return (
    <>
      <RegistrationCards registration={registration} clientMetadataUrl={clientMetadataUrl} />
      {registration === "PRE_REGISTERED" ? (
        <>
          {callback}
          {credentials}
        </>
      ) : (
        <TextField
          name="oauth.issuer"
          label="Issuer"
          hint="The authorization server Usher registers with. Credentials it issues are sent only to it."
          placeholder="https://auth.example.com"
          type="url"
          required
          mono
        />
      )}
      {registration === "DYNAMIC" ? (
        <TextField
          name="oauth.registrationEndpoint"
          label="Registration URL"
          hint="Where Usher registers (RFC 7591). Leave empty to use the one in the issuer’s metadata."
          placeholder="https://auth.example.com/register"
          type="url"
          optional
          mono
        />
      ) : null}
    </>
  );
}

function RegistrationCards({
  registration,
  clientMetadataUrl,
}: {
  registration: NonNullable<McpServerInput["oauth"]["registration"]>;
  clientMetadataUrl: string | null;
}) {
  const { setValue, clearErrors } = useFormContext<McpServerInput>();
  const error = useFieldError("oauth.registration");
  return (
    <FieldGroup label="Registration" hint="How Usher registers with the provider." error={error}>
      <RadioCards
        columns={3}
        value={registration}
        onValueChange={(next) => {
          clearErrors("oauth");
          setValue("oauth.registration", next, { shouldDirty: true });
        }}
        options={[
          {
            value: "PRE_REGISTERED",
            title: registrationNames.PRE_REGISTERED,
            description: "Register a client with the provider and enter its ID and secret here.",
          },
          {
            value: "DYNAMIC",
            title: registrationNames.DYNAMIC,
            description: "Usher registers automatically when somebody authorizes (RFC 7591).",
          },
          {
            value: "METADATA_DOCUMENT",
            title: registrationNames.METADATA_DOCUMENT,
            description: clientMetadataUrl ? (
              <>
                The provider reads Usher’s metadata document at{" "}
                <InlineCode className="text-2xs">{clientMetadataUrl}</InlineCode>.
              </>
            ) : (
              "The provider reads Usher’s metadata document."
            ),
            ...(clientMetadataUrl === null && registration !== "METADATA_DOCUMENT"
              ? {
                  disabledReason:
                    "Providers must be able to read it from the internet over https, which is not possible at this installation’s PUBLIC_URL.",
                }
              : {}),
          },
        ]}
      />
    </FieldGroup>
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
      <Field label="Client secret" hint="Not needed, because client authentication is set to None.">
        <SecretInput disabled value="" readOnly />
      </Field>
    );
  }
  const kept = hasStoredSecret && demand === null;
  return (
    <Field
      label="Client secret"
      required={!kept}
      stored={kept}
      error={error}
      hint={
        demand && !error ? (
          <span className="text-warning-text">{demand}</span>
        ) : kept ? (
          "Leave empty to keep the stored value."
        ) : (
          "Encrypted when saved and never shown again."
        )
      }
    >
      <SecretInput stored={kept} {...register("oauth.clientSecret")} />
    </Field>
  );
}
