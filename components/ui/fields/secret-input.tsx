"use client";

import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { cn } from "@/components/ui/class-names";
import { Input, type InputProps } from "./input";

export type SecretInputProps = Omit<InputProps, "type" | "leading"> & {
  /** A value is stored on the server. It never reaches the browser: empty means "keep it". */
  stored?: boolean | undefined;
};

/** A secret being typed: hidden, with a switch that shows what was typed (never what is stored). */
export function SecretInput({
  stored = false,
  className,
  placeholder,
  autoComplete = "off",
  ...props
}: SecretInputProps) {
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <Input
        mono
        spellCheck={false}
        autoCapitalize="none"
        autoCorrect="off"
        data-1p-ignore={autoComplete === "off" || undefined}
        data-lpignore={autoComplete === "off" || undefined}
        {...props}
        type={shown ? "text" : "password"}
        autoComplete={autoComplete}
        placeholder={placeholder ?? (stored ? "Stored. Leave empty to keep it." : undefined)}
        className={cn("pr-9 placeholder:font-sans pointer-coarse:pr-11", className)}
      />
      <button
        type="button"
        aria-label={shown ? "Hide value" : "Show value"}
        aria-pressed={shown}
        disabled={props.disabled}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 right-0 flex w-8 items-center justify-center rounded-md text-faint hover:text-text disabled:opacity-50 pointer-coarse:w-10"
      >
        {shown ? (
          <EyeOff aria-hidden="true" className="size-4" />
        ) : (
          <Eye aria-hidden="true" className="size-4" />
        )}
      </button>
    </div>
  );
}
