import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import type { ModelAudience } from "@/lib/contracts/models";

const audiences = [
  { value: "EVERYONE", title: "Everyone" },
  { value: "ADMINS", title: "Admins only" },
] as const;

export function AudienceField({
  value,
  onChange,
  error,
}: {
  value: ModelAudience;
  onChange: (value: ModelAudience) => void;
  error: string | undefined;
}) {
  return (
    <FieldGroup label="Who can use it" error={error}>
      <RadioCards<ModelAudience>
        options={audiences}
        value={value}
        onValueChange={onChange}
        columns={2}
      />
    </FieldGroup>
  );
}

export function LabelField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}) {
  return (
    <Field label="Label" optional error={error} hint="What people see in the chat.">
      <Input
        value={value}
        maxLength={80}
        placeholder="Fast and cheap"
        onChange={({ target }) => onChange(target.value)}
      />
    </Field>
  );
}
