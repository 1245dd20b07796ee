import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { SignInForm } from "@/components/shell/sign-in-form";
import { Callout } from "@/components/ui/callout";
import { InlineCode } from "@/components/ui/text/code-block";
import { app } from "@/lib/app/current";
import { callbackPath } from "@/lib/contracts/people/sign-in";
import { currentUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Sign in" };

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function SignInPage({ searchParams }: { searchParams: Query }) {
  const { callbackUrl, error, notice } = await searchParams;
  const { env, mail } = app();
  const { publicUrl, oidc } = env;
  const target = callbackPath(callbackUrl, publicUrl);
  if (await currentUser()) redirect(target);
  return (
    <SignInForm
      callbackUrl={target}
      oidcName={oidc?.name}
      error={typeof error === "string" ? error : undefined}
      notice={<Notice notice={notice} />}
      footer={mail ? <ForgottenPasswordLink /> : <ForgottenPassword />}
    />
  );
}

/** What brought the person here. */
function Notice({ notice }: { notice: string | string[] | undefined }) {
  if (notice === "signed-out-everywhere") {
    return (
      <Callout tone="success" title="You are signed out everywhere" announce className="mb-4" />
    );
  }
  if (notice !== "password-set") return null;
  return (
    <Callout tone="success" title="Your new password is set" announce className="mb-4">
      Sign in with it and a code from your authenticator app.
    </Callout>
  );
}

/** Where Usher sends mail. */
function ForgottenPasswordLink() {
  return (
    <Link
      href="/forgot-password"
      className="underline decoration-border underline-offset-3 hover:text-text"
    >
      Forgot your password?
    </Link>
  );
}

function ForgottenPassword() {
  return (
    <details>
      <summary className="inline-block cursor-pointer list-none rounded-sm underline decoration-border underline-offset-3 hover:text-text">
        Forgot your password?
      </summary>
      <p className="mt-2">Ask an admin for a reset link.</p>
      <p className="mt-1">
        Locked-out admin? Run <InlineCode>npm run admin:reset</InlineCode> on the server.
      </p>
    </details>
  );
}
