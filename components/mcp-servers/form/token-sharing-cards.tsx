import { FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";

/** What is shared, or each person's own. */
const descriptions = {
  account: {
    SHARED:
      "One account for the whole team. An admin authorizes once, and everybody’s calls use it.",
    PER_USER:
      "Each person connects their own account. The chat asks on the first call that needs it.",
  },
  headers: {
    SHARED: "One set of headers for the whole team, entered here by an admin.",
    PER_USER: "Each person enters their own key. The chat asks on the first call that needs it.",
  },
} as const satisfies Record<string, Record<TokenSharing, string>>;

export function TokenSharingCards({
  of,
  value,
  onChange,
}: {
  of: keyof typeof descriptions;
  value: TokenSharing;
  onChange: (sharing: TokenSharing) => void;
}) {
  return (
    <FieldGroup label="Token Sharing">
      <RadioCards
        columns={2}
        value={value}
        onValueChange={onChange}
        options={[
          {
            value: "SHARED",
            title: "Shared",
            note: "Default",
            description: descriptions[of].SHARED,
          },
          { value: "PER_USER", title: "Per User", description: descriptions[of].PER_USER },
        ]}
      />
    </FieldGroup>
  );
}
