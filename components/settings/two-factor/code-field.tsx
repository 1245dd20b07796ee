import type { ComponentProps } from "react";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";

type CodeFieldProps = {
  /** A recovery code is requested instead of six digits. */
  recovery?: boolean | undefined;
  error?: string | undefined;
  input: ComponentProps<"input">;
};

export function CodeField({ recovery = false, error, input }: CodeFieldProps) {
  return (
    <Field
      label={recovery ? "Recovery code" : "Code"}
      hint={
        recovery
          ? "One of the ten codes you saved. Each one works once."
          : "The six-digit code in your authenticator app."
      }
      error={error}
    >
      <Input
        name="code"
        mono
        inputMode={recovery ? "text" : "numeric"}
        autoComplete={recovery ? "off" : "one-time-code"}
        autoCapitalize="none"
        spellCheck={false}
        maxLength={40}
        required
        className="h-10"
        {...input}
      />
    </Field>
  );
}
