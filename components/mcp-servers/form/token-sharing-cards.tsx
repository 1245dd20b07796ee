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
    ORGANIZATION:
      "Each person’s sign-in at your identity provider gives them access. No consent needed.",
  },
  headers: {
    SHARED: "One set of headers for the whole team, entered here by an admin.",
    PER_USER: "Each person enters their own key. The chat asks on the first call that needs it.",
  },
} as const satisfies Record<string, Partial<Record<TokenSharing, string>>>;

export function TokenSharingCards({
  of,
  mayBeOrganization = false,
  value,
  onChange,
}: {
  of: keyof typeof descriptions;
  /** If the form asks how a sign-in is exchanged. */
  mayBeOrganization?: boolean;
  value: TokenSharing;
  onChange: (sharing: TokenSharing) => void;
}) {
  const organization = mayBeOrganization ? descriptions.account.ORGANIZATION : null;
  return (
    <FieldGroup label="Token Sharing">
      <RadioCards
        columns={organization === null ? 2 : 3}
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
          ...(organization === null
            ? []
            : [
                {
                  value: "ORGANIZATION" as const,
                  title: "Organization",
                  description: organization,
                },
              ]),
        ]}
      />
    </FieldGroup>
  );
}
