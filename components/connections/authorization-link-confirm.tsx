"use client";

import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import Link from "next/link";
import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { SignInCard } from "@/components/shell/sign-in-card";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { cancelAuthorization } from "@/lib/queries/connections";
import { oneLine } from "@/lib/untrusted-text";

export interface AskedAuthorization {
  id: string;
  serverId: string;
  serverName: string;
  shared: boolean;
  /** It is the team's account at a server where people have their own. */
  besideOwn: boolean;
  /** It is one of several accounts of the person. */
  further: boolean;
  askedBy: string;
  ipAddress: string | null;
  askedAt: string;
}

/**
 * Names what gets connected, to whose account, and who asked: a link may come from a person who wants another
 * person's consent.
 */
export function AuthorizationLinkConfirm({
  email,
  asked,
}: {
  email: string;
  asked: AskedAuthorization;
}) {
  const { id, serverId, ipAddress, askedAt } = asked;
  const name = oneLine(asked.serverName);
  const cancel = useMutation({ mutationFn: () => cancelAuthorization(serverId, id) });
  if (cancel.isSuccess) {
    return (
      <SignInCard title="Cancelled">
        <p className="text-base" role="status">
          Nothing was connected, and the link no longer works. If you don’t know who asked, tell an
          admin.
        </p>
      </SignInCard>
    );
  }
  return (
    <SignInCard title={`Authorize ${name}?`}>
      <div className="grid gap-3 text-base [overflow-wrap:anywhere]">
        {cancel.isError ? <Callout tone="danger" title={cancel.error.message} announce /> : null}
        <p>{whatItConnects(asked, name)}</p>
        <dl className="grid gap-2 text-sm">
          <Fact term="Asked for by">{oneLine(asked.askedBy)}</Fact>
          <Fact term="When">
            <RelativeTime value={askedAt} />
            {ipAddress ? ` from ${ipAddress}` : null}
          </Fact>
          <Fact term="You are signed in as">{email}</Fact>
        </dl>
        <p className="text-muted text-sm">
          Continue only if you asked for this yourself, or know who did and why.
        </p>
      </div>
      <div className="mt-5 grid gap-2">
        <Button asChild size="lg" variant="primary">
          <AuthorizeAnchor serverId={serverId} returnTo={null} linkId={id}>
            <KeyRound aria-hidden="true" />
            Continue
          </AuthorizeAnchor>
        </Button>
        <Button
          size="lg"
          variant="secondary"
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          I didn’t ask for this
        </Button>
      </div>
    </SignInCard>
  );
}

function whatItConnects({ shared, besideOwn, further }: AskedAuthorization, name: string): string {
  if (besideOwn) {
    return `This connects the team’s account at ${name}. Calls of people without their own account will use it.`;
  }
  if (shared) {
    return `This connects one account at ${name} for your whole team. Everybody’s calls will use it.`;
  }
  return `This connects ${further ? "another account of yours" : "your own account"} at ${name}. Only your calls will use it.`;
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-muted text-xs">{term}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}

const refusals = {
  over: {
    title: "This link no longer works",
    text: "It was used or cancelled, or it has expired. Ask whoever sent it for a new one.",
  },
  other_person: {
    title: "This link is for somebody else",
    text: "It connects the account of another person, and nothing was connected. If somebody sent it to you, don’t sign in as them; tell an admin.",
  },
  admins_only: {
    title: "Only admins can authorize this",
    text: "This account is shared by the team. Ask an admin to open the link.",
  },
} as const;

export function AuthorizationLinkRefused({ reason }: { reason: keyof typeof refusals }) {
  const { title, text } = refusals[reason];
  return (
    <SignInCard title={title}>
      <p className="text-base">{text}</p>
      <Button asChild size="lg" variant="primary" className="mt-5 w-full">
        <Link href="/connections">Go to Connections</Link>
      </Button>
    </SignInCard>
  );
}
