"use client";

import { CircleAlert, Lock } from "lucide-react";
import { createContext, type ReactNode, useContext, useId } from "react";
import { cn } from "@/components/ui/class-names";

type FieldText = {
  label: ReactNode;
  /** What to enter, or where to find it. Stays visible beside an error. */
  hint?: ReactNode;
  /** What is wrong and how to fix it. */
  error?: string | null | undefined;
  required?: boolean | undefined;
  optional?: boolean | undefined;
  /** A secret is stored on the server: the field is empty, and leaving it empty keeps the value. */
  stored?: boolean | undefined;
  className?: string | undefined;
  children: ReactNode;
};

function Marks({
  required,
  optional,
  stored,
}: Pick<FieldText, "required" | "optional" | "stored">) {
  return (
    <>
      {required ? (
        <span aria-hidden="true" className="text-danger-text">
          *
        </span>
      ) : null}
      {optional ? <span className="font-normal text-faint">Optional</span> : null}
      {stored ? (
        <span className="ml-auto inline-flex items-center gap-1 rounded-sm bg-success-subtle px-1.5 font-medium text-2xs text-success-text">
          <Lock aria-hidden="true" className="size-3" />
          Stored
        </span>
      ) : null}
    </>
  );
}

function Below({
  hintId,
  errorId,
  hint,
  error,
}: {
  hintId: string;
  errorId: string;
  hint: ReactNode;
  error: FieldText["error"];
}) {
  return (
    <>
      {error ? (
        <p id={errorId} className="flex items-start gap-1.5 text-danger-text text-xs">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          <span>{error}</span>
        </p>
      ) : null}
      {hint ? (
        <div id={hintId} className="text-muted text-xs">
          {hint}
        </div>
      ) : null}
    </>
  );
}

function idsOf(base: string, hint: ReactNode, error: FieldText["error"]) {
  const hintId = `${base}-hint`;
  const errorId = `${base}-error`;
  const describedBy = [error ? errorId : "", hint ? hintId : ""].filter(Boolean).join(" ");
  return { hintId, errorId, describedBy: describedBy || undefined };
}

/** A label, its one control (Input, Textarea, Select, SecretInput), a hint and an error, tied together. */
export function Field({
  label,
  hint,
  error,
  required = false,
  optional,
  stored,
  id,
  className,
  children,
}: FieldText & { id?: string | undefined }) {
  const made = useId();
  const control = id ?? made;
  const { hintId, errorId, describedBy } = idsOf(control, hint, error);
  return (
    <FieldContext value={{ id: control, describedBy, invalid: Boolean(error), required }}>
      <div className={cn("grid min-w-0 content-start gap-1.5", className)}>
        <div className="flex min-h-5 items-center gap-1.5 text-sm">
          <label htmlFor={control} className="font-medium">
            {label}
          </label>
          <Marks required={required} optional={optional} stored={stored} />
        </div>
        {children}
        <Below hintId={hintId} errorId={errorId} hint={hint} error={error} />
      </div>
    </FieldContext>
  );
}

/** Several controls under one question (radio cards, check boxes): a fieldset with a legend. */
export function FieldGroup({
  label,
  hint,
  error,
  required = false,
  optional,
  className,
  children,
}: Omit<FieldText, "stored">) {
  const base = useId();
  const { hintId, errorId, describedBy } = idsOf(base, hint, error);
  return (
    <fieldset
      aria-describedby={describedBy}
      aria-invalid={error ? true : undefined}
      className={cn("min-w-0", className)}
    >
      <legend className="mb-1.5 flex min-h-5 items-center gap-1.5 font-medium text-sm">
        {label}
        <Marks required={required} optional={optional} />
      </legend>
      <div className="grid gap-1.5">
        {children}
        <Below hintId={hintId} errorId={errorId} hint={hint} error={error} />
      </div>
    </fieldset>
  );
}

type FieldControl = {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
};

/** From the `Field` around a control. */
const FieldContext = createContext<FieldControl | null>(null);

type ControlAttributes = {
  id?: string | undefined;
  required?: boolean | undefined;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | "true" | "false" | "grammar" | "spelling" | undefined;
};

/** What a control inside a `Field` sets on itself, so that its label, hint and error are linked to it. */
export function useFieldControl(own: ControlAttributes): ControlAttributes & {
  "aria-required"?: boolean | undefined;
} {
  const field = useContext(FieldContext);
  if (!field) return own;
  const describedBy = [own["aria-describedby"], field.describedBy].filter(Boolean).join(" ");
  return {
    id: own.id ?? field.id,
    required: own.required,
    "aria-describedby": describedBy || undefined,
    "aria-invalid": own["aria-invalid"] ?? (field.invalid || undefined),
    "aria-required": field.required || own.required || undefined,
  };
}
