"use client";

import { type FormEvent, useRef, useState } from "react";
import { CodeField } from "@/components/settings/two-factor/code-field";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { ProblemError } from "@/lib/queries/fetch-json";
import { signInWithCode } from "@/lib/queries/two-factor";

type TwoFactorFormProps = {
  callbackUrl: string;
  /** @param problem null: the person chose to; otherwise the message why the password is needed again */
  onBack: (problem: string | null) => void;
};

/** After the password, which is not kept here: the server knows that it was right in this browser. */
export function TwoFactorForm({ callbackUrl, onBack }: TwoFactorFormProps) {
  const [recovery, setRecovery] = useState(false);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<{ ofCode: boolean; message: string } | null>(null);
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (pending) return;
    const code = String(new FormData(event.currentTarget).get("code") ?? "");
    setPending(true);
    setProblem(null);
    try {
      await signInWithCode(code);
      // A full load: everything on the page then belongs to this person.
      window.location.assign(callbackUrl);
    } catch (error) {
      const message = error instanceof Error ? error.message : "Something went wrong. Try again.";
      if (error instanceof ProblemError && error.status === 409) {
        onBack(message);
        return;
      }
      const ofCode = error instanceof ProblemError && error.fields.code !== undefined;
      setPending(false);
      setProblem({ ofCode, message });
      form.current?.querySelector<HTMLInputElement>("[name=code]")?.select();
    }
  }

  return (
    <form ref={form} onSubmit={(event) => void submit(event)} className="grid gap-4">
      {problem && !problem.ofCode ? (
        <Callout tone="danger" title={problem.message} announce />
      ) : null}
      <CodeField
        key={recovery ? "recovery" : "app"}
        recovery={recovery}
        error={problem?.ofCode ? problem.message : undefined}
        input={{ autoFocus: true }}
      />
      <Button type="submit" variant="primary" size="lg" className="w-full" loading={pending}>
        Sign in
      </Button>
      <div className="-mx-2.5 flex flex-wrap justify-between gap-2">
        <Button variant="ghost" size="sm" onClick={() => onBack(null)}>
          Back
        </Button>
        <Button
          variant="ghost"
          size="sm"
          onClick={() => {
            setProblem(null);
            setRecovery(!recovery);
          }}
        >
          {recovery ? "Use your authenticator app" : "Use a recovery code"}
        </Button>
      </div>
    </form>
  );
}
