import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { newAccount } from "@/lib/contracts/connections/asked-account";

/** For somebody who works with two accounts at one server. */
export function AddAccountLink({
  serverId,
  serverName,
  returnTo,
}: {
  serverId: string;
  serverName: string;
  returnTo: string;
}) {
  return (
    <AuthorizeAnchor
      serverId={serverId}
      returnTo={returnTo}
      account={newAccount}
      className="rounded-xs text-accent-text text-xs underline decoration-accent-border underline-offset-3 hover:decoration-current"
    >
      Add another account<span className="sr-only"> at {serverName}</span>
    </AuthorizeAnchor>
  );
}
