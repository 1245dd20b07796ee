import { zodResolver } from "@hookform/resolvers/zod";
import { Controller, useForm, useWatch } from "react-hook-form";
import { roleWords } from "@/components/people/role-words";
import { DialogForm } from "@/components/ui/fields/dialog-form";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Select } from "@/components/ui/fields/select";
import {
  type ApiKeyCreated,
  type ApiKeyInput,
  type ApiKeyList,
  apiKeyInput,
} from "@/lib/contracts/api-keys";
import { createApiKey } from "@/lib/queries/api-keys";
import { ScopesField } from "./scopes-field";

const owners = [
  { value: "person", title: "You", description: "Acts as you, with your role." },
  {
    value: "service",
    title: "A service",
    description: "Acts under its own name, with its own role. It stays when you leave.",
  },
] as const;

const roles = (["MEMBER", "AUDITOR", "ADMIN"] as const).map((role) => ({
  value: role,
  label: roleWords[role].label,
}));

const never = "never";
const expiries = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: never, label: "Never" },
];

const fields = ["name", "owner", "role", "scopes", "expiresInDays"] as const;

export function CreateKeyForm({
  id,
  offered,
  onPending,
  onCreated,
}: {
  id: string;
  offered: ApiKeyList["offered"];
  onPending: (pending: boolean) => void;
  onCreated: (created: ApiKeyCreated) => void;
}) {
  const form = useForm<ApiKeyInput>({
    resolver: zodResolver(apiKeyInput),
    defaultValues: { name: "", owner: "person", scopes: [], expiresInDays: 90 },
  });
  const { control } = form;
  const { errors } = form.formState;
  const owner = useWatch({ control, name: "owner" });
  const role = useWatch({ control, name: "role" });
  const scopes = owner === "service" ? offered.service?.[role ?? "MEMBER"] : offered.person;

  /** Another owner has other scopes; a scope that it does not have is not kept invisibly. */
  function changeOwner(next: ApiKeyInput["owner"], nextRole: ApiKeyInput["role"]) {
    form.setValue("owner", next);
    form.setValue("role", nextRole);
    const left = next === "service" ? offered.service?.[nextRole ?? "MEMBER"] : offered.person;
    const kept = form.getValues("scopes").filter((scope) => left?.includes(scope));
    form.setValue("scopes", kept);
  }

  return (
    <DialogForm
      id={id}
      form={form}
      fields={fields}
      save={async (input) => onCreated(await createApiKey(input))}
      onPending={onPending}
    >
      <Field label="Name" error={errors.name?.message} hint="What will use the key.">
        <Input {...form.register("name")} placeholder="Deploy script" maxLength={80} />
      </Field>
      {offered.service ? (
        <FieldGroup label="Acts as" error={errors.owner?.message}>
          <RadioCards<ApiKeyInput["owner"]>
            options={owners}
            value={owner}
            onValueChange={(next) => changeOwner(next, next === "service" ? "MEMBER" : undefined)}
            name="owner"
          />
        </FieldGroup>
      ) : null}
      {owner === "service" ? (
        <Field label="Role" error={errors.role?.message}>
          <Select
            options={roles}
            value={role ?? "MEMBER"}
            onValueChange={(next) => changeOwner("service", next as ApiKeyInput["role"])}
          />
        </Field>
      ) : null}
      <Controller
        control={control}
        name="scopes"
        render={({ field }) => (
          <ScopesField
            offered={scopes ?? []}
            value={field.value}
            onChange={field.onChange}
            error={errors.scopes?.message}
          />
        )}
      />
      <Controller
        control={control}
        name="expiresInDays"
        render={({ field }) => (
          <Field label="Expires after" error={errors.expiresInDays?.message}>
            <Select
              options={expiries}
              value={field.value === null ? never : `${field.value}`}
              onValueChange={(days) => field.onChange(days === never ? null : Number(days))}
            />
          </Field>
        )}
      />
    </DialogForm>
  );
}
