import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { NobodySignedIn } from "@/components/session/nobody-signed-in";
import { SignInCard } from "@/components/shell/sign-in-card";
import { SignInForm } from "@/components/shell/sign-in-form";
import { Callout } from "@/components/ui/callout";
import { app } from "@/lib/app";
import { callbackPath } from "@/lib/contracts/callback-path";
import { currentUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Sign in" };

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function SignInPage({ searchParams }: { searchParams: Query }) {
  const { callbackUrl, error, notice } = await searchParams;
  const { publicUrl, oidc } = app().env;
  const target = callbackPath(callbackUrl, publicUrl);
  if (await currentUser()) redirect(target);
  return (
    <SignInCard title="Sign in to Usher" description="Your assistants, under the right account.">
      <NobodySignedIn />
      {notice === "signed-out-everywhere" ? (
        <Callout tone="success" title="You are signed out everywhere" announce className="mb-4" />
      ) : null}
      <SignInForm
        callbackUrl={target}
        oidcName={oidc?.name}
        error={typeof error === "string" ? error : undefined}
      />
    </SignInCard>
  );
}
