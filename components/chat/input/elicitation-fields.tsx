"use client";

import { Checkbox } from "@/components/ui/fields/checkbox";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Select } from "@/components/ui/fields/select";
import { Textarea } from "@/components/ui/fields/textarea";
import type { ElicitationField } from "@/lib/contracts/elicitation/elicitation-answer";

import { ownValue } from "@/lib/contracts/own-value";
import type { Entered } from "./elicitation-content";

/** Texts longer than this get several lines. */
const longText = 300;

const inputTypes = { email: "email", uri: "url", date: "date", "date-time": "text" } as const;

/** The form that a server asks for; all of its text comes from the server. */
export function ElicitationFields({
  fields,
  entered,
  problems,
  disabled,
  onChange,
}: {
  fields: readonly ElicitationField[];
  entered: Entered;
  problems: ReadonlyMap<string, string>;
  disabled: boolean;
  onChange: (name: string, value: unknown) => void;
}) {
  return (
    <div className="grid @md:grid-cols-2 gap-3">
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          value={ownValue(entered, field.name)}
          error={problems.get(field.name)}
          disabled={disabled}
          onChange={(value) => onChange(field.name, value)}
        />
      ))}
    </div>
  );
}

type OneFieldProps = {
  field: ElicitationField;
  value: unknown;
  error: string | undefined;
  disabled: boolean;
  onChange: (value: unknown) => void;
};

function OneField({ field, value, error, disabled, onChange }: OneFieldProps) {
  const text = {
    label: field.title,
    hint: field.description || undefined,
    error,
    required: field.required,
    optional: !field.required,
  };
  switch (field.kind) {
    case "text":
      return (
        <Field {...text} className={isLong(field) ? "@md:col-span-2" : undefined}>
          <TextControl field={field} value={value} disabled={disabled} onChange={onChange} />
        </Field>
      );
    case "number":
      return (
        <Field {...text}>
          <Input
            inputMode={field.integer && field.minimum >= 0 ? "numeric" : "decimal"}
            value={typeof value === "string" || typeof value === "number" ? `${value}` : ""}
            disabled={disabled}
            autoComplete="off"
            onChange={(event) => onChange(event.target.value)}
          />
        </Field>
      );
    case "boolean":
    case "choice":
      return (
        <Field {...text}>
          <Select
            options={optionsOf(field)}
            value={chosen(field, value)}
            disabled={disabled}
            onValueChange={(picked) => onChange(pickedValue(field, picked))}
          />
        </Field>
      );
    case "choices":
      return (
        <FieldGroup {...text} className="@md:col-span-2">
          <Choices field={field} value={value} disabled={disabled} onChange={onChange} />
        </FieldGroup>
      );
  }
}

type Of<K extends ElicitationField["kind"]> = Extract<ElicitationField, { kind: K }>;

function isLong({ format, maxLength, minLength }: Of<"text">): boolean {
  return format === null && (minLength > 100 || (maxLength > longText && maxLength < 10_000));
}

function TextControl({
  field,
  value,
  disabled,
  onChange,
}: Omit<OneFieldProps, "field" | "error"> & { field: Of<"text"> }) {
  const control = {
    value: typeof value === "string" ? value : "",
    disabled,
    // No autofill into a server's form.
    autoComplete: "off",
  };
  return isLong(field) ? (
    <Textarea {...control} rows={3} onChange={(event) => onChange(event.target.value)} />
  ) : (
    <Input
      {...control}
      type={field.format ? inputTypes[field.format] : "text"}
      placeholder={field.format === "date-time" ? "2026-07-28T09:30:00Z" : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function Choices({
  field,
  value,
  disabled,
  onChange,
}: Omit<OneFieldProps, "field" | "error"> & { field: Of<"choices"> }) {
  const picked: unknown[] = Array.isArray(value) ? value : [];
  return (
    <div className="grid @md:grid-cols-2 gap-1.5">
      {field.options.map((option) => (
        <Checkbox
          key={option.value}
          label={option.title}
          checked={picked.includes(option.value)}
          disabled={disabled}
          onChange={(event) =>
            onChange(
              event.target.checked
                ? [...picked, option.value]
                : picked.filter((each) => each !== option.value),
            )
          }
        />
      ))}
    </div>
  );
}

/** The list's own value for omitting a field: options are identified by position, so it collides with none. */
const none = "none";

function optionsOf(field: Of<"boolean"> | Of<"choice">) {
  const known =
    field.kind === "boolean"
      ? [
          { value: "0", label: "Yes" },
          { value: "1", label: "No" },
        ]
      : field.options.map((option, at) => ({ value: `${at}`, label: option.title }));
  return field.required ? known : [{ value: none, label: "No answer" }, ...known];
}

function chosen(field: Of<"boolean"> | Of<"choice">, value: unknown): string {
  const values =
    field.kind === "boolean" ? [true, false] : field.options.map((option) => option.value);
  const at = values.indexOf(value as never);
  if (at >= 0) return `${at}`;
  return field.required ? "" : none;
}

function pickedValue(field: Of<"boolean"> | Of<"choice">, picked: string): unknown {
  if (picked === none) return undefined;
  return field.kind === "boolean" ? picked === "0" : field.options[Number(picked)]?.value;
}
