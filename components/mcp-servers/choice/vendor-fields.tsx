"use client";

import type { ReactNode } from "react";
import {
  type FieldError,
  type FieldPath,
  get,
  useFormContext,
  useFormState,
  useWatch,
} from "react-hook-form";
import { TokenSharingCards } from "@/components/mcp-servers/form/token-sharing-cards";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { Switch } from "@/components/ui/fields/switch";
import { InlineCode } from "@/components/ui/text/code-block";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import type { VendorServerAnswers } from "@/lib/contracts/catalogue/vendor-server-input";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import { accountUsed } from "@/lib/contracts/servers/kinds";
import { longestName } from "@/lib/contracts/servers/unique-name";

/** What an admin is asked for, starting with what only they know. */
export function VendorFields({
  server,
  discovered,
  withoutSecret,
  onUrlKnown,
}: {
  server: VendorServer;
  discovered: DiscoveredSettings | null;
  /** A public client has none. */
  withoutSecret: boolean;
  /** When a part of the URL was entered. */
  onUrlKnown: () => void;
}) {
  const { control } = useFormContext<VendorServerAnswers>();
  const sharing = useWatch({ control, name: "tokenSharing" });
  const { urlParts, header, scopes, registration } = server;
  const asksForApp =
    registration === "PRE_REGISTERED" || discovered?.registration === "PRE_REGISTERED";
  const asksForKey = header !== null && accountUsed(sharing) === "team";
  const asksFirst = urlParts.length > 0 ? "part" : asksForApp ? "app" : asksForKey ? "key" : "name";
  return (
    <>
      {urlParts.map((part, at) => (
        <AnswerField
          key={part.name}
          name={`urlParts.${part.name}`}
          label={part.label}
          hint={part.hint}
          placeholder={part.example}
          autoFocus={asksFirst === "part" && at === 0}
          onBlur={onUrlKnown}
          mono
        />
      ))}
      {asksForApp ? (
        <>
          <AnswerField name="clientId" label="Client ID" autoFocus={asksFirst === "app"} mono />
          {withoutSecret ? null : (
            <SecretField
              name="clientSecret"
              label="Client secret"
              hint="Encrypted when saved and never shown again."
            />
          )}
        </>
      ) : null}
      {asksForKey ? (
        <SecretField
          name="key"
          label={header.label}
          hint={header.hint}
          autoFocus={asksFirst === "key"}
        />
      ) : null}
      <Decisions discovered={discovered} />
      {registration === "NONE" ? null : <SharingField of={header ? "headers" : "account"} />}
      {scopes.readOnly === null ? null : <ScopeField {...scopes} readOnly={scopes.readOnly} />}
      <AnswerField
        name="name"
        label="Name"
        hint="As people see it in Usher."
        maxLength={longestName}
        autoFocus={asksFirst === "name"}
      />
    </>
  );
}

type AnswerFieldProps = {
  name: FieldPath<VendorServerAnswers>;
  label: string;
  hint?: ReactNode;
  placeholder?: string;
  maxLength?: number;
  autoFocus?: boolean;
  mono?: boolean;
  onBlur?: () => void;
};

function AnswerField({ name, label, hint, mono = false, onBlur, ...input }: AnswerFieldProps) {
  const { register } = useFormContext<VendorServerAnswers>();
  return (
    <Field label={label} hint={hint} error={useAnswerError(name)} required>
      <Input
        {...register(name, onBlur ? { onBlur } : {})}
        {...input}
        mono={mono}
        {...(mono ? { spellCheck: false, autoCapitalize: "none", autoCorrect: "off" } : {})}
      />
    </Field>
  );
}

function SecretField({
  name,
  label,
  hint,
  autoFocus = false,
}: Pick<AnswerFieldProps, "label" | "hint" | "autoFocus"> & { name: "clientSecret" | "key" }) {
  const { register } = useFormContext<VendorServerAnswers>();
  return (
    <Field label={label} hint={hint} error={useAnswerError(name)} required>
      <SecretInput {...register(name)} autoFocus={autoFocus} />
    </Field>
  );
}

/** What Discover may not decide alone. */
function Decisions({ discovered }: { discovered: DiscoveredSettings | null }) {
  const { register } = useFormContext<VendorServerAnswers>();
  const issuerError = useAnswerError("issuerAccepted");
  const s256Error = useAnswerError("s256Confirmed");
  if (discovered?.issuerAlias === undefined && discovered?.s256Confirmed === undefined) return null;
  return (
    <div className="grid gap-4 rounded-lg border border-warning-border bg-warning-subtle p-4">
      {discovered.issuerAlias === undefined ? null : (
        <Switch
          label="Use this issuer"
          description={
            issuerError ?? (
              <span className="[overflow-wrap:anywhere]">
                The MCP server names <InlineCode>{discovered.issuerAlias}</InlineCode>, and the
                provider calls itself <InlineCode>{discovered.issuer}</InlineCode>.
              </span>
            )
          }
          aria-invalid={issuerError !== undefined}
          {...register("issuerAccepted")}
        />
      )}
      {discovered.s256Confirmed === undefined ? null : (
        <Switch
          label="This provider supports S256"
          description={
            s256Error ??
            "Its metadata do not name S256 (PKCE). Turn this on if its documentation does."
          }
          aria-invalid={s256Error !== undefined}
          {...register("s256Confirmed")}
        />
      )}
    </div>
  );
}

function SharingField({ of }: { of: "account" | "headers" }) {
  const { control, setValue, clearErrors } = useFormContext<VendorServerAnswers>();
  return (
    <TokenSharingCards
      of={of}
      value={useWatch({ control, name: "tokenSharing" })}
      onChange={(sharing) => {
        clearErrors("key");
        setValue("tokenSharing", sharing, { shouldDirty: true });
      }}
    />
  );
}

function ScopeField({ recommended, readOnly }: { recommended: string | null; readOnly: string }) {
  const { control, setValue } = useFormContext<VendorServerAnswers>();
  const only = useWatch({ control, name: "readOnly" }) ?? false;
  return (
    <FieldGroup label="Access">
      <RadioCards
        columns={2}
        value={only ? "read" : "all"}
        onValueChange={(value) => setValue("readOnly", value === "read", { shouldDirty: true })}
        options={[
          {
            value: "all",
            title: "Read and change",
            note: "Default",
            description: recommended ?? "What the vendor grants by default.",
          },
          { value: "read", title: "Read only", description: readOnly },
        ]}
      />
    </FieldGroup>
  );
}

function useAnswerError(name: FieldPath<VendorServerAnswers>): string | undefined {
  const { control } = useFormContext<VendorServerAnswers>();
  const { errors } = useFormState({ control, name, exact: true });
  const error: FieldError | undefined = get(errors, name);
  return error?.message;
}
