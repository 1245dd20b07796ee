import { aboutAccount } from "@/components/chat/input/account-radios";
import { statusLooks } from "@/components/connections/status-badge";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { Field } from "@/components/ui/fields/field";
import { Select } from "@/components/ui/fields/select";
import { type AccountView, accountTitle } from "@/lib/contracts/connections/own-account";
import { oneLine } from "@/lib/untrusted-text";

/** At a call that waits for confirmation: which of several accounts it acts as. */
export default function AccountChoice({
  accounts,
  account,
  keep,
  disabled,
  onChange,
}: {
  accounts: readonly AccountView[];
  /** Null: the account that the call was to use is gone. */
  account: string | null;
  keep: boolean;
  disabled: boolean;
  onChange: (change: { account?: string; keepAccount?: boolean }) => void;
}) {
  const chosen = accounts.find((each) => each.account === account);
  return (
    <div className="grid gap-2">
      <Field label="Account" hint={chosen && wordsAbout(chosen)}>
        <Select
          value={account ?? ""}
          disabled={disabled}
          onValueChange={(chosen) => onChange({ account: chosen })}
          options={accounts.map((each) => ({
            value: each.account,
            label: oneLine(accountTitle(each)),
            description: wordsAbout(each),
          }))}
        />
      </Field>
      <Checkbox
        label="Use it for the rest of this conversation"
        checked={keep}
        disabled={disabled}
        onChange={({ target }) => onChange({ keepAccount: target.checked })}
      />
    </div>
  );
}

function wordsAbout(account: AccountView): string {
  const { isDefault, status } = account;
  const words = [
    isDefault ? "Default" : "",
    aboutAccount(account),
    status === "connected" ? "" : statusLooks[status].label,
  ];
  return words.filter((each) => each !== "").join(" · ");
}
