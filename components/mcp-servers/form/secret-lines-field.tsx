"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { Field } from "@/components/ui/fields/field";
import { Textarea } from "@/components/ui/fields/textarea";
import { InlineCode } from "@/components/ui/text/code-block";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { useFieldError } from "./form-field";

const kinds = {
  environment: {
    clear: "clearEnvironment",
    label: "Environment variables",
    line: "KEY=value",
    placeholder: "API_KEY=…\nREGION=eu",
    more: " Put values with several lines in quotes.",
    remove: "Remove the stored variables",
  },
  headers: {
    clear: "clearHeaders",
    label: "Headers",
    line: "Name: value",
    placeholder: "Authorization: Bearer …\nX-Team: support",
    more: "",
    remove: "Remove the stored headers",
  },
} as const;

/** Secrets, one per line. Stored ones are shown by name only. */
export function SecretLinesField({
  kind,
  storedNames,
  demand,
  optional,
}: {
  kind: keyof typeof kinds;
  storedNames: readonly string[];
  /** Why the stored ones cannot be kept. */
  demand: string | null;
  optional?: boolean | undefined;
}) {
  const { register, control } = useFormContext<McpServerInput>();
  const { clear, label, line, more, placeholder, remove } = kinds[kind];
  const cleared = useWatch({ control, name: clear });
  const error = useFieldError(kind);
  const stored = storedNames.length > 0;
  const kept = stored && !cleared && demand === null;

  return (
    <div className="grid gap-2">
      <Field
        label={label}
        required={!optional && !kept}
        optional={optional && !stored}
        stored={kept}
        error={error}
        hint={
          <>
            One per line, as <InlineCode>{line}</InlineCode>.{more} Encrypted when saved and never
            shown again.
            {kept ? " Leave empty to keep the stored value. What you type replaces all of it." : ""}
            {demand && !error && !cleared ? (
              <span className="mt-1 block text-warning-text">{demand}</span>
            ) : null}
          </>
        }
      >
        <Textarea
          {...register(kind)}
          mono
          autoGrow
          rows={3}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          placeholder={kept ? "Stored. Leave empty to keep it." : placeholder}
        />
      </Field>
      {stored ? (
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-md border border-border bg-sunken px-3 py-2">
          <div className="flex min-w-0 flex-wrap items-center gap-1.5 text-muted text-xs">
            <span>Stored</span>
            {storedNames.map((name) => (
              <InlineCode key={name} className={cleared ? "line-through" : undefined}>
                {name}
              </InlineCode>
            ))}
          </div>
          <Checkbox label={remove} {...register(clear)} className="text-xs" />
        </div>
      ) : null}
    </div>
  );
}
