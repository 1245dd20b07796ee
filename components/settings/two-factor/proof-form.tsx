"use client";

import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { SecretInput } from "@/components/ui/fields/secret-input";
import type { TwoFactorProof } from "@/lib/contracts/people/two-factor";
import { ProblemError } from "@/lib/queries/fetch-json";
import { CodeField } from "./code-field";

type ProofFormProps = {
  /** A sentence on what happens. */
  explanation: string;
  label: string;
  tone: "danger" | "primary";
  /** A code is accepted too. */
  byCode?: boolean;
  onProof: (proof: TwoFactorProof) => Promise<void>;
};

/** The password, or a code instead if there is one, so that no one at an unlocked browser can do it. */
export function ProofForm({ explanation, label, tone, byCode = true, onProof }: ProofFormProps) {
  const [by, setBy] = useState<"password" | "code">("password");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<{ field?: string; message: string } | null>(null);
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const value = String(new FormData(event.currentTarget).get(by) ?? "");
    setPending(true);
    setProblem(null);
    try {
      await onProof(by === "password" ? { password: value } : { code: value });
    } catch (error) {
      const fields = error instanceof ProblemError ? error.fields : {};
      const message = error instanceof Error ? error.message : "Something went wrong. Try again.";
      setProblem(fields[by] ? { field: by, message: fields[by] } : { message });
      setPending(false);
      form.current?.querySelector<HTMLInputElement>(`[name=${by}]`)?.select();
    }
  }

  const error = problem?.field === by ? problem.message : undefined;
  return (
    <form ref={form} onSubmit={(event) => void submit(event)} className="grid gap-4">
      <p className="text-muted">{explanation}</p>
      {problem && !error ? <Callout tone="danger" title={problem.message} announce /> : null}
      {by === "password" ? (
        <Field label="Your password" error={error}>
          <SecretInput
            name="password"
            mono={false}
            autoComplete="current-password"
            maxLength={200}
            required
            autoFocus
          />
        </Field>
      ) : (
        <CodeField error={error} input={{ autoFocus: true }} />
      )}
      <div className="flex flex-wrap items-center justify-between gap-2">
        {byCode ? (
          <Button
            variant="ghost"
            size="sm"
            className="-ml-2.5"
            onClick={() => {
              setProblem(null);
              setBy(by === "password" ? "code" : "password");
            }}
          >
            {by === "password" ? "Use a code instead" : "Use the password instead"}
          </Button>
        ) : null}
        <Button type="submit" variant={tone} loading={pending} className={byCode ? "" : "w-full"}>
          {label}
        </Button>
      </div>
    </form>
  );
}
