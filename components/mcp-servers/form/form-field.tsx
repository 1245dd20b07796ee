"use client";

import type { ReactNode } from "react";
import {
  type FieldError,
  type FieldPath,
  get,
  useFormContext,
  useFormState,
} from "react-hook-form";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Textarea } from "@/components/ui/fields/textarea";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";

export type ServerField = FieldPath<McpServerInput>;

/** What is wrong with one field, from this form's own checks or from the server. */
export function useFieldError(name: ServerField): string | undefined {
  const { control } = useFormContext<McpServerInput>();
  const { errors } = useFormState({ control, name, exact: true });
  const error: FieldError | undefined = get(errors, name);
  return error?.message;
}

/** For the parts that a choice of transport or authentication shows and hides. */
export const chosenParts = [
  "transport",
  "url",
  "command",
  "args",
  "environment",
  "headers",
  "settings",
  "authentication",
  "oauth",
] as const satisfies readonly ServerField[];

export type TextFieldProps = {
  name: ServerField;
  label: string;
  hint?: ReactNode;
  placeholder?: string | undefined;
  required?: boolean | undefined;
  optional?: boolean | undefined;
  /** For values that a machine reads: no spelling, no capitals, a monospaced font. */
  mono?: boolean | undefined;
  type?: "text" | "url" | undefined;
  /** More than one line, growing with the text. */
  lines?: number | undefined;
};

export function TextField({
  name,
  label,
  hint,
  required,
  optional,
  mono = false,
  lines,
  type = "text",
  placeholder,
}: TextFieldProps) {
  const { register } = useFormContext<McpServerInput>();
  const error = useFieldError(name);
  const control = {
    ...register(name),
    placeholder,
    mono,
    ...(mono ? { spellCheck: false, autoCapitalize: "none", autoCorrect: "off" } : {}),
  };
  return (
    <Field label={label} hint={hint} error={error} required={required} optional={optional}>
      {lines ? (
        <Textarea {...control} rows={lines} autoGrow />
      ) : (
        <Input {...control} type="text" inputMode={type === "url" ? "url" : undefined} />
      )}
    </Field>
  );
}
