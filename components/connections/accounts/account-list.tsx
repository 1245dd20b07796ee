"use client";

import { useQuery } from "@tanstack/react-query";
import { AccountMenu } from "@/components/connections/accounts/account-menu";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import { StatusBadge } from "@/components/connections/status-badge";
import { Badge } from "@/components/ui/badge";
import { Callout } from "@/components/ui/callout";
import { Skeleton } from "@/components/ui/loading";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { teamAccount } from "@/lib/contracts/connections/account";
import type { ConnectionSummary } from "@/lib/contracts/connections/connection";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import {
  type AccountList as Accounts,
  type AccountView,
  accountsOfSameName,
  accountTitle,
} from "@/lib/contracts/connections/own-account";
import { ownAccountsQuery } from "@/lib/queries/connections";
import { oneLine } from "@/lib/untrusted-text";

/** The accounts that the viewer may choose from at one server. */
export function AccountList({
  serverId,
  serverName,
  count,
  otherAccount,
  returnTo,
}: {
  serverId: string;
  serverName: string;
  /** As in the list of servers. */
  count: number;
  otherAccount: ConnectionSummary["otherAccount"];
  returnTo: string;
}) {
  const { data, error } = useQuery(ownAccountsQuery(serverId));
  if (error) return <Callout tone="danger" title={error.message} />;
  if (!data) {
    return (
      <div className="grid gap-2">
        {Array.from({ length: count }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
          <Skeleton key={index} className="h-12 w-full" />
        ))}
      </div>
    );
  }
  const sameName = accountsOfSameName(data.accounts);
  const signOutAt = otherAccount?.asks === false ? otherAccount.host : null;
  return (
    <div className="grid gap-2">
      <ul
        aria-label={`Accounts at ${serverName}`}
        className="divide-y divide-border rounded-lg border border-border"
      >
        {data.accounts.map((account) => (
          <AccountRow
            key={account.account}
            {...{ serverId, serverName, returnTo, account }}
            hint={sameName.has(account.account) ? connectedTwice(signOutAt) : null}
          />
        ))}
      </ul>
      <p className="text-muted text-xs">
        {whichIsUsed(data)}
        {signOutAt === null ? null : ` To add one, sign out at ${signOutAt} first.`}
      </p>
    </div>
  );
}

function whichIsUsed({ accounts, asksEachTime }: Accounts): string {
  if (asksEachTime) return "The chat asks before each call which one to use.";
  return accounts.some(({ isDefault }) => isDefault)
    ? "Calls use the default account. You can choose another one before a call."
    : "None is the default, so the chat asks before each call.";
}

/** @param signOutAt null: the provider lets people choose an account */
function connectedTwice(signOutAt: string | null): string {
  const first = signOutAt === null ? "" : `sign out at ${signOutAt}, then `;
  return `You may have connected the same account twice: the provider gives both the same name. To use another one, ${first}choose Authorize again.`;
}

function AccountRow({
  serverId,
  serverName,
  returnTo,
  account,
  hint,
}: {
  serverId: string;
  serverName: string;
  returnTo: string;
  account: AccountView;
  hint: string | null;
}) {
  const isTeams = account.account === teamAccount;
  const { status, reason, isDefault } = account;
  const title = oneLine(accountTitle(account));
  const works = callsWork({ status });
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-3 py-2.5">
      <div className="grid min-w-0 flex-1 basis-56 gap-0.5">
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="min-w-0 font-medium text-sm [overflow-wrap:anywhere]">{title}</bdi>
          {isDefault ? <Badge tone="neutral">Default</Badge> : null}
          {status === "connected" ? null : <StatusBadge status={status} />}
        </div>
        <p className="text-muted text-xs [overflow-wrap:anywhere]">
          <AccountFacts account={account} title={title} />
        </p>
        {works || reason === null ? null : <p className="text-sm">{reason}</p>}
        {hint === null ? null : <p className="text-sm">{hint}</p>}
      </div>
      {isTeams ? null : (
        <div className="flex items-center gap-2">
          {works ? null : (
            <AuthorizeLink
              serverId={serverId}
              serverName={`${title} at ${serverName}`}
              standing={{ nextStep: status === "not_connected" ? "authorize" : "authorize_again" }}
              account={account.account}
              returnTo={returnTo}
            />
          )}
          {status === "not_connected" ? null : (
            <AccountMenu {...{ serverId, serverName, returnTo, account, title }} />
          )}
        </div>
      )}
    </li>
  );
}

function AccountFacts({ account, title }: { account: AccountView; title: string }) {
  const { accountName, authorizedBy, lastUsedAt, status } = account;
  if (status === "not_connected") return "Calls use it once you connect it.";
  const named =
    accountName !== null && !title.includes(accountName) ? `${oneLine(accountName)} · ` : "";
  const by = account.account === teamAccount ? "Shared by the team" : "";
  return (
    <>
      {named}
      {by === ""
        ? null
        : authorizedBy === null
          ? `${by} · `
          : `${by}, authorized by ${oneLine(authorizedBy)} · `}
      {lastUsedAt === null ? (
        "Never used"
      ) : (
        <>
          Last used <RelativeTime value={lastUsedAt} tense="past" />
        </>
      )}
    </>
  );
}
