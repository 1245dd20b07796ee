"use client";

import type { ComponentProps } from "react";
import { cn } from "@/components/ui/class-names";
import { Field } from "@/components/ui/fields/field";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { type PasswordStrength, passwordLeast, passwordStrength } from "./password-strength";

const levels = {
  empty: { bars: 0, label: "", color: "" },
  short: { bars: 1, label: "Too short", color: "bg-danger" },
  weak: { bars: 2, label: "Weak", color: "bg-warning" },
  fair: { bars: 3, label: "Good", color: "bg-success" },
  strong: { bars: 4, label: "Strong", color: "bg-success" },
} as const;

const bars = [1, 2, 3, 4] as const;

function Strength({ level, words }: PasswordStrength) {
  const { bars: filled, label, color } = levels[level];
  return (
    <span className="grid gap-1.5">
      <span aria-hidden="true" className="grid grid-cols-4 gap-1">
        {bars.map((bar) => (
          <span
            key={bar}
            className={cn("h-1 rounded-full bg-pressed transition-colors", bar <= filled && color)}
          />
        ))}
      </span>
      {/* Room for two lines, so that the form stays still while somebody types. */}
      <span className="min-h-9">{words}</span>
      {/* Read out when the level changes, not at every key. */}
      <span role="status" className="sr-only">
        {label}
      </span>
    </span>
  );
}

/** A password being chosen, with a hint on how good it is. */
export function NewPasswordField({
  label,
  value,
  personal,
  error,
  input,
  className,
}: {
  label: string;
  /** What is typed so far. */
  value: string;
  /** What should not make up the password: the person's name and address. */
  personal: readonly string[];
  error: string | undefined;
  /** What `register()` of react-hook-form returns. */
  input: ComponentProps<"input">;
  className?: string | undefined;
}) {
  const strength = passwordStrength(value, personal);
  return (
    <Field label={label} error={error} hint={<Strength {...strength} />}>
      <SecretInput
        {...input}
        mono={false}
        autoComplete="new-password"
        minLength={passwordLeast}
        maxLength={200}
        required
        className={className}
      />
    </Field>
  );
}
