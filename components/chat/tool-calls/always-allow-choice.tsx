import { Checkbox } from "@/components/ui/fields/checkbox";
import type { AlwaysAllowEnd } from "@/lib/contracts/chat/always-allow";

const endedWords: Record<AlwaysAllowEnd, string> = {
  tool_changed: "You always allowed this tool. The server changed it, so it asks again.",
  account_changed:
    "You always allowed this tool. Its calls use another account now, so it asks again.",
};

/** At a waiting call: whether later calls of its tool run without asking. */
export default function AlwaysAllowChoice({
  title,
  assistantName,
  offered,
  ended,
  disabled,
  checked,
  onChange,
}: {
  title: string;
  assistantName: string;
  offered: boolean;
  /** Why what the person allowed before has ended. */
  ended: AlwaysAllowEnd | null;
  disabled: boolean;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <>
      {ended ? <p className="text-muted text-sm">{endedWords[ended]}</p> : null}
      {offered ? (
        <Checkbox
          label={
            <span className="[overflow-wrap:anywhere]">
              Always allow “<bdi>{title}</bdi>”
            </span>
          }
          description={
            <span className="[overflow-wrap:anywhere]">
              It then runs in <bdi>{assistantName}</bdi> without asking, with any arguments, until
              you revoke it.
            </span>
          }
          disabled={disabled}
          checked={checked}
          onChange={({ target }) => onChange(target.checked)}
        />
      ) : null}
    </>
  );
}
