"use client";

import { useFormContext } from "react-hook-form";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Switch } from "@/components/ui/fields/switch";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { TextFormat } from "@/lib/contracts/servers/setting-text";
import type { NumberSetting, SettingDefinition } from "@/lib/contracts/servers/setting-value";
import {
  changedSettingTexts,
  readSettings,
  type SettingDefinitions,
} from "@/lib/contracts/servers/settings";
import { readTypedNumber } from "@/lib/contracts/typed-number";
import { type ServerField, TextField, useFieldError } from "./form-field";

/** A field for each setting, generated from its definition. */
export function SettingFields({
  definitions,
  path,
}: {
  definitions: SettingDefinitions;
  path: "settings" | "oauth";
}) {
  return Object.entries(definitions).map(([name, definition]) => (
    <SettingField key={name} name={`${path}.${name}` as ServerField} definition={definition} />
  ));
}

const manyLines: ReadonlySet<TextFormat> = new Set(["parameters", "headers"]);
const isAddress: ReadonlySet<TextFormat> = new Set(["url", "https"]);

function SettingField({ name, definition }: { name: ServerField; definition: SettingDefinition }) {
  const { register } = useFormContext<McpServerInput>();
  switch (definition.kind) {
    case "number":
      return <NumberField name={name} definition={definition} />;
    case "switch":
      return <Switch label={definition.label} description={definition.hint} {...register(name)} />;
    case "text":
      return (
        <TextField
          name={name}
          label={definition.label}
          hint={definition.hint}
          placeholder={definition.placeholder}
          {...(definition.required ? { required: true } : { optional: true })}
          mono={definition.format !== "sentence"}
          {...(manyLines.has(definition.format) ? { lines: 2 } : {})}
          {...(isAddress.has(definition.format) ? { type: "url" as const } : {})}
        />
      );
    default:
      return definition satisfies never;
  }
}

function NumberField({ name, definition }: { name: ServerField; definition: NumberSetting }) {
  const { register } = useFormContext<McpServerInput>();
  const error = useFieldError(name);
  const { label, hint, unit, min, max } = definition;
  return (
    <Field label={`${label} (${unit})`} hint={`${hint} From ${min} to ${max}.`} error={error}>
      <Input
        // Not of the type `number`: a mouse wheel would change the value, and text that is not a number would be lost.
        {...register(name, { setValueAs: numberOf })}
        type="text"
        inputMode="numeric"
        className="max-w-40"
      />
    </Field>
  );
}

/** Text that is not a number stays as typed, and is rejected by its setting. */
function numberOf(text: unknown): unknown {
  if (typeof text !== "string" || text.trim() === "") return text;
  const typed = readTypedNumber(text);
  return typed.ok ? typed.value : text;
}

/** What differs from the defaults, so that no one has to open the fields to see. */
export function settingsSummary(definitions: SettingDefinitions, values: object = {}): string[] {
  return changedSettingTexts(definitions, readSettings(definitions, values)).map(
    ({ label, text }) => `${label}: ${text}`.toLowerCase(),
  );
}
