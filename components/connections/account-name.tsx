import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { otherAccount as otherAccountWord } from "@/lib/contracts/connections/asked-account";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { oneLine } from "@/lib/untrusted-text";

/** The connected account, by its name at the provider, and the link to another one. */
export function AccountName({
  serverId,
  serverName,
  connection: { accountName, otherAccount },
  returnTo,
}: {
  serverId: string;
  serverName: string;
  connection: Pick<ConnectionView, "accountName" | "otherAccount">;
  /** Null: the viewer may not consent. */
  returnTo: string | null;
}) {
  if (accountName === null) return null;
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2 gap-y-0.5">
      <bdi className="min-w-0 font-medium [overflow-wrap:anywhere]">{oneLine(accountName)}</bdi>
      {otherAccount && returnTo !== null ? (
        <OtherAccount
          serverId={serverId}
          serverName={serverName}
          otherAccount={otherAccount}
          returnTo={returnTo}
        />
      ) : null}
    </span>
  );
}

/** For a person who consented with the wrong account. */
export function OtherAccount({
  serverId,
  serverName,
  otherAccount: { asks, host },
  returnTo,
  inTab = false,
}: {
  serverId: string;
  serverName: string;
  otherAccount: NonNullable<ConnectionView["otherAccount"]>;
  returnTo: string;
  /** From the chat, which waits: in a tab that closes at the end. */
  inTab?: boolean;
}) {
  return (
    <span className="text-muted text-xs">
      <AuthorizeAnchor
        serverId={serverId}
        returnTo={returnTo}
        tab={inTab}
        opensTab={inTab}
        account={otherAccountWord}
        className="rounded-xs text-accent-text underline decoration-accent-border underline-offset-3 hover:decoration-current"
      >
        Use another account<span className="sr-only"> at {serverName}</span>
        {inTab ? <span className="sr-only"> (opens in a new tab)</span> : null}
      </AuthorizeAnchor>
      {asks ? null : <> · sign out at {host} first</>}
    </span>
  );
}
