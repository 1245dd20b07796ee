"use client";

import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import Link from "next/link";
import { failureWords } from "@/components/connections/authorization-outcome";
import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { SignInCard } from "@/components/shell/sign-in-card";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/loading";
import { teamAccount } from "@/lib/contracts/connections/account";
import { newAccount } from "@/lib/contracts/connections/asked-account";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import { connectionQuery } from "@/lib/queries/connections";
import { oneLine } from "@/lib/untrusted-text";

const connects = {
  SHARED: (name: string) => `This connects one account at ${name} for your whole team.`,
  PER_USER: (name: string) => `This connects your own account at ${name}.`,
  ORGANIZATION: (name: string) =>
    `This connects your own account at ${name}, in place of the one that your organization manages.`,
} as const satisfies Record<TokenSharing, (name: string) => string>;

/** A link from outside must not connect an account for everyone that looks like one's own. */
function whatItConnects(sharing: TokenSharing, account: string | null, name: string): string {
  if (account === teamAccount) return connects.SHARED(name);
  if (account === newAccount) {
    return `This connects a further account of yours at ${name}. Those that are connected stay.`;
  }
  return connects[sharing](name);
}

/** Asks for confirmation of an authorization that was not started by a click in Usher. */
export function AuthorizationConfirm({
  email,
  serverId,
  returnTo,
  tab,
  account,
}: {
  email: string;
  serverId: string;
  returnTo: string | null;
  /** The chat opened this tab and waits in another one. */
  tab: boolean;
  /** The input of `askedAccount` (lib/contracts/connections/asked-account.ts); null: nothing. */
  account: string | null;
}) {
  const { data, isPending } = useQuery({ ...connectionQuery(serverId), retry: false });
  if (isPending) {
    return (
      <SignInCard title="Authorize">
        <Skeleton className="h-32 w-full" />
      </SignInCard>
    );
  }
  if (!data) {
    const { title, next } = failureWords("not_found");
    return (
      <SignInCard title={title}>
        <p className="text-base">{next}</p>
        <Button asChild size="lg" variant="primary" className="mt-5 w-full">
          <Link href="/connections">Go to Connections</Link>
        </Button>
      </SignInCard>
    );
  }
  const name = oneLine(data.serverName);
  return (
    <SignInCard title={`Authorize ${name}?`}>
      <div className="grid gap-2 text-base [overflow-wrap:anywhere]">
        <p>{whatItConnects(data.tokenSharing, account, name)}</p>
        <p className="text-muted">
          You are signed in as {email}. Continue only if you started this. The link came from
          outside Usher, or you signed in after opening it.
        </p>
      </div>
      <div className="mt-5 grid gap-2">
        <Button asChild size="lg" variant="primary">
          <AuthorizeAnchor
            serverId={serverId}
            returnTo={returnTo}
            tab={tab}
            {...(account === null ? {} : { account })}
          >
            <KeyRound aria-hidden="true" />
            Continue
          </AuthorizeAnchor>
        </Button>
        <Button asChild size="lg" variant="secondary">
          <Link href="/connections">Cancel</Link>
        </Button>
      </div>
    </SignInCard>
  );
}
