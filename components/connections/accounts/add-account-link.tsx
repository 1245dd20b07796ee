import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { newAccount } from "@/lib/contracts/connections/asked-account";
import type { ConnectionSummary } from "@/lib/contracts/connections/connection";

/** For a person who works with two accounts at one server. */
export function AddAccountLink({
  serverId,
  serverName,
  otherAccount,
  returnTo,
}: {
  serverId: string;
  serverName: string;
  otherAccount: ConnectionSummary["otherAccount"];
  returnTo: string;
}) {
  return (
    <span className="text-muted text-xs">
      <AuthorizeAnchor
        serverId={serverId}
        returnTo={returnTo}
        account={newAccount}
        className="rounded-xs text-accent-text underline decoration-accent-border underline-offset-3 hover:decoration-current"
      >
        Add another account<span className="sr-only"> at {serverName}</span>
      </AuthorizeAnchor>
      {otherAccount === null || otherAccount.asks ? null : (
        <> · sign out at {otherAccount.host} first</>
      )}
    </span>
  );
}
