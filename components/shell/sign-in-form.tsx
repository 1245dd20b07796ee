"use client";

import { LogIn } from "lucide-react";
import { signIn } from "next-auth/react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { announceSession } from "@/components/session/session-marker";
import { takeOverTab } from "@/components/session/tab-storage";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { Input } from "@/components/ui/fields/input";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { startSingleSignOn } from "@/lib/queries/account";
import { setPagePerson } from "@/lib/queries/fetch-json";
import { SignInCard } from "./sign-in-card";
import { signInMessage } from "./sign-in-message";
import { TwoFactorForm } from "./two-factor-form";

export type SignInFormProps = {
  /** A path of this origin, such as `/mcp-servers`; the caller has checked it. */
  callbackUrl: string;
  /** The identity provider's name; omit it if none is configured. */
  oidcName?: string | undefined;
  /** The code that brought the person here: next-auth's, or a `SignInFailure`. */
  error?: string | undefined;
  /** What the person has just done, above the form. */
  notice?: ReactNode;
  /** What to do without the password. */
  footer: ReactNode;
};

type Pending = "password" | "oidc" | null;

/** The card of the sign-in page: first the password, then the code of two-factor authentication. */
export function SignInForm({ callbackUrl, oidcName, error, notice, footer }: SignInFormProps) {
  const [pending, setPending] = useState<Pending>(null);
  const [code, setCode] = useState(error ?? null);
  const [asksForCode, setAsksForCode] = useState(false);
  /** Why the password is needed again, in words. */
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(tellTabsNobodyIsSignedIn, []);

  async function withPassword(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (pending) return;
    const form = event.currentTarget;
    const entries = new FormData(form);
    setPending("password");
    setCode(null);
    setProblem(null);
    const answer = await signIn("credentials", {
      email: entries.get("email"),
      password: entries.get("password"),
      redirect: false,
      // By default, next-auth would take this page's URL, and an error in it for its own.
      callbackUrl,
    }).catch(() => undefined);
    if (answer?.ok && !answer.error) {
      // A full load: everything on the page then belongs to this person.
      window.location.assign(callbackUrl);
      return;
    }
    setPending(null);
    if (answer?.error === "CodeRequired") {
      setAsksForCode(true);
      return;
    }
    setCode(answer?.error ?? "Unreachable");
    form.querySelector<HTMLInputElement>("[name=password]")?.select();
  }

  async function withOidc() {
    setPending("oidc");
    setCode(null);
    try {
      window.location.assign((await startSingleSignOn(callbackUrl)).url);
    } catch {
      setPending(null);
      setCode("Unreachable");
    }
  }

  if (asksForCode) {
    return (
      <SignInCard
        title="Two-factor authentication"
        description="Enter a code to finish signing in."
        footer="Lost your phone and recovery codes? Ask an admin to reset your two-factor authentication."
      >
        <TwoFactorForm
          callbackUrl={callbackUrl}
          onBack={(words) => {
            setProblem(words);
            setAsksForCode(false);
          }}
        />
      </SignInCard>
    );
  }
  return (
    <SignInCard
      title="Sign in to Usher"
      description="Your team’s assistants, with the right accounts."
      footer={footer}
    >
      {notice}
      <div className="grid gap-4">
        {problem ? <Callout tone="danger" title={problem} announce /> : null}
        {code ? <Callout tone="danger" title={signInMessage(code, oidcName)} announce /> : null}
        {oidcName ? (
          <>
            <Button
              size="lg"
              className="w-full"
              loading={pending === "oidc"}
              disabled={pending === "password"}
              onClick={() => void withOidc()}
            >
              <LogIn aria-hidden="true" />
              Continue with {oidcName}
            </Button>
            <div className="flex items-center gap-3 text-faint text-xs">
              <span className="h-px flex-1 bg-border" />
              or with a password
              <span className="h-px flex-1 bg-border" />
            </div>
          </>
        ) : null}
        <Form onSubmit={(event) => void withPassword(event)} className="grid gap-4">
          <Field label="Email">
            <Input
              name="email"
              type="email"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              autoFocus
              className="h-10"
            />
          </Field>
          <Field label="Password">
            <SecretInput
              name="password"
              mono={false}
              autoComplete="current-password"
              maxLength={200}
              required
              className="h-10"
            />
          </Field>
          <Button
            type="submit"
            variant="primary"
            size="lg"
            className="w-full"
            loading={pending === "password"}
            disabled={pending === "oidc"}
          >
            Sign in
          </Button>
        </Form>
      </div>
    </SignInCard>
  );
}

/** Only a person who is not signed in sees this form: every other tab follows. */
function tellTabsNobodyIsSignedIn(): void {
  setPagePerson(null);
  // A person whose session expired returns to what they were doing, and to what they had typed.
  if (!new URLSearchParams(window.location.search).has("callbackUrl")) takeOverTab(null);
  announceSession(null);
}
