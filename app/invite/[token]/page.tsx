import type { Metadata } from "next";
import { AcceptInvitationForm } from "@/components/people/accept-invitation-form";
import { EndedLink } from "@/components/people/ended-link";
import { SignInCard } from "@/components/shell/sign-in-card";
import { Callout } from "@/components/ui/callout";
import { app } from "@/lib/app/current";
import { ifFound } from "@/lib/http/page-data";
import { openInvitation } from "@/lib/people/invite";
import { currentUser } from "@/lib/session/current-user";

// This page's URL grants access: it is sent to no other site.
export const metadata: Metadata = { title: "Join", referrer: "no-referrer" };

type Params = Promise<{ token: string }>;

export default async function InvitePage({ params }: { params: Params }) {
  const { token } = await params;
  const [invitation, viewer] = await Promise.all([
    ifFound(openInvitation(app(), token)),
    currentUser(),
  ]);
  if (!invitation) return <EndedInvitation signedIn={viewer !== null} />;

  return (
    <SignInCard
      title="Join your team on Usher"
      description={
        <>
          <strong className="font-medium text-text">{invitation.invitedBy}</strong> invited you to
          chat with assistants that use your team’s tools.
        </>
      }
      footer="The link works once."
    >
      <div className="grid gap-4">
        {viewer ? (
          <Callout tone="warning" title={`You are signed in as ${viewer.email}`}>
            Joining makes a new account for {invitation.email} and signs you in with it.
          </Callout>
        ) : null}
        <AcceptInvitationForm token={token} email={invitation.email} />
      </div>
    </SignInCard>
  );
}

function EndedInvitation({ signedIn }: { signedIn: boolean }) {
  return (
    <EndedLink title="This invitation no longer works" signedIn={signedIn}>
      <p>An invitation works once, within 7 days, unless an admin withdraws it.</p>
      <ul className="mt-3 grid list-disc gap-1 pl-5 marker:text-faint">
        <li>Have you already joined? Sign in with the password you chose.</li>
        <li>Otherwise, ask the admin who sent it for a new link.</li>
      </ul>
    </EndedLink>
  );
}
