import type { Metadata } from "next";
import Link from "next/link";
import { EndedLink } from "@/components/people/ended-link";
import { ResetPasswordForm } from "@/components/people/reset-password-form";
import { SignInCard } from "@/components/shell/sign-in-card";
import { Callout } from "@/components/ui/callout";
import { InlineCode } from "@/components/ui/text/code-block";
import { app } from "@/lib/app/current";
import { resetLinkHours } from "@/lib/contracts/people/password-reset";
import { ifFound } from "@/lib/http/page-data";
import { openPasswordReset } from "@/lib/people/password-reset";
import { currentUser } from "@/lib/session/current-user";

// This page's URL grants access: it is sent to no other site, and to no search engine.
export const metadata: Metadata = {
  title: "Set a new password",
  referrer: "no-referrer",
  robots: { index: false },
};

type Params = Promise<{ resetToken: string }>;

export default async function ResetPasswordPage({ params }: { params: Params }) {
  const { resetToken } = await params;
  const [reset, viewer] = await Promise.all([
    ifFound(openPasswordReset(app(), resetToken)),
    currentUser(),
  ]);
  if (!reset) return <EndedResetLink signedIn={viewer !== null} />;

  return (
    <SignInCard
      title="Set a new password"
      description={
        <>
          For{" "}
          <strong className="font-medium text-text [overflow-wrap:anywhere]">{reset.email}</strong>
        </>
      }
      footer="The link works once. A new password ends your other sessions."
    >
      <div className="grid gap-4">
        {viewer && viewer.id !== reset.userId ? (
          <Callout tone="warning" title={`You are signed in as ${viewer.email}`}>
            A new password signs you in as {reset.email} instead.
          </Callout>
        ) : null}
        <ResetPasswordForm token={resetToken} email={reset.email} name={reset.name} />
      </div>
    </SignInCard>
  );
}

function AskForNewLink() {
  return (
    <>
      Otherwise{" "}
      <Link href="/forgot-password" className="underline underline-offset-3">
        get a new link by email
      </Link>
      .
    </>
  );
}

function EndedResetLink({ signedIn }: { signedIn: boolean }) {
  const { mail } = app();
  return (
    <EndedLink title="This reset link no longer works" signedIn={signedIn}>
      <p>
        It was used already, has expired, or was replaced by a newer one. A link works once, for{" "}
        {resetLinkHours} hours.
      </p>
      <ul className="mt-3 grid list-disc gap-1 pl-5 marker:text-faint">
        <li>Have you already set a new password? Sign in with it.</li>
        <li>{mail ? <AskForNewLink /> : "Otherwise, ask an admin for a new link."}</li>
        <li>
          Are you the only admin? Run{" "}
          <InlineCode className="whitespace-nowrap">npm run admin:reset</InlineCode> on the server.
        </li>
      </ul>
    </EndedLink>
  );
}
