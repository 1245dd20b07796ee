import { useId } from "react";
import { statusLooks } from "@/components/connections/status-badge";
import { Badge } from "@/components/ui/badge";
import { teamAccount } from "@/lib/contracts/connections/account";
import { type AccountView, accountTitle } from "@/lib/contracts/connections/own-account";
import { oneLine } from "@/lib/untrusted-text";

/** A person's accounts at one server, one per line. Long names are truncated; the full name is in the title. */
export function AccountRadios({
  accounts,
  value,
  onChange,
  labelledBy,
  disabled,
}: {
  accounts: readonly AccountView[];
  /** Null: none is chosen. */
  value: string | null;
  onChange: (account: string) => void;
  labelledBy: string;
  disabled: boolean;
}) {
  const name = useId();
  return (
    <div role="radiogroup" aria-labelledby={labelledBy} className="grid gap-2">
      {accounts.map((each) => (
        <label
          key={each.account}
          className="flex min-w-0 items-start gap-3 rounded-lg border border-border-strong bg-surface p-3 transition-colors hover:border-faint has-checked:border-accent has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            name={name}
            value={each.account}
            checked={value === each.account}
            disabled={disabled}
            onChange={() => onChange(each.account)}
            className="mt-0.5 size-4 shrink-0 appearance-none rounded-full border border-faint bg-surface outline-none checked:border-[5px] checked:border-accent disabled:border-border-strong disabled:bg-sunken dark:bg-background"
          />
          <AccountLine account={each} />
        </label>
      ))}
    </div>
  );
}

function AccountLine({ account }: { account: AccountView }) {
  const title = oneLine(accountTitle(account));
  const about = aboutAccount(account);
  return (
    <span className="grid min-w-0 flex-1 gap-0.5 text-sm">
      <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
        <bdi title={title} className="min-w-0 max-w-full truncate font-medium leading-5">
          {title}
        </bdi>
        {account.isDefault ? <span className="text-muted text-xs">Default</span> : null}
        {account.status === "connected" ? null : <AccountStatus status={account.status} />}
      </span>
      {about === "" ? null : (
        <bdi title={about} className="truncate text-muted text-xs">
          {about}
        </bdi>
      )}
    </span>
  );
}

function AccountStatus({ status }: Pick<AccountView, "status">) {
  if (status === "not_connected") return <Badge>Not connected yet</Badge>;
  const { tone, label } = statusLooks[status];
  return <Badge tone={tone}>{label}</Badge>;
}

/** What its title does not say. */
export function aboutAccount(account: AccountView): string {
  const { label, accountName, authorizedBy } = account;
  if (account.account === teamAccount) {
    return authorizedBy === null ? "" : `Authorized by ${oneLine(authorizedBy)}`;
  }
  return label === null || accountName === null ? "" : oneLine(accountName);
}
