"use client";

import type { ComponentProps } from "react";
import { cn } from "@/components/ui/class-names";
import { Field } from "@/components/ui/fields/field";
import { SecretInput } from "@/components/ui/fields/secret-input";

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
      {/* Room for two lines, so that the form does not move during typing. */}
      <span className="min-h-9">{words}</span>
      {/* Read aloud when the level changes, not on every key press. */}
      <span role="status" className="sr-only">
        {label}
      </span>
    </span>
  );
}

/** A password being chosen, with a hint on its strength. */
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

const passwordLeast = 12;

type PasswordStrength = {
  level: "empty" | "short" | "weak" | "fair" | "strong";
  /** What to know or do, in a sentence. */
  words: string;
};

/**
 * A hint during typing, not a rule: what counts is the length, minus what is easy to guess.
 * @param personal what an attacker knows, such as the name and the address
 */
export function passwordStrength(
  password: string,
  personal: readonly string[] = [],
): PasswordStrength {
  const length = [...password].length;
  if (length === 0) {
    return {
      level: "empty",
      words: `At least ${passwordLeast} characters. A few unrelated words are easy to remember and hard to guess.`,
    };
  }
  if (length < passwordLeast) {
    const missing = passwordLeast - length;
    return {
      level: "short",
      words: `Too short: ${missing} more ${missing === 1 ? "character" : "characters"}.`,
    };
  }
  const surprising = surprisingCharacters(withoutPersonal(password.toLowerCase(), personal));
  if (surprising < 9) {
    return {
      level: "weak",
      words: "Long enough, but easy to guess: it repeats itself, counts up or contains your name.",
    };
  }
  return surprising < 16
    ? { level: "fair", words: "Good. Each extra word makes it stronger." }
    : { level: "strong", words: "Strong." };
}

function withoutPersonal(password: string, personal: readonly string[]): string {
  return personal
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length >= 3)
    .reduce((rest, word) => rest.replaceAll(word, ""), password);
}

/** The number of characters that do not follow from the ones before: no repeat, no sequence such as `abc` or `321`. */
function surprisingCharacters(text: string): number {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const fresh = codes.filter((code, index) => {
    const before = codes[index - 1];
    return before === undefined || Math.abs(code - before) > 1;
  }).length;
  return Math.min(fresh, new Set(codes).size * 2);
}
