"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { personalKeySettings } from "@/lib/contracts/servers/personal-headers";
import { SecretLinesField } from "./secret-lines-field";
import { SettingFields } from "./setting-fields";

/** Headers that everybody's calls send, or the names of those that each person enters. */
export function HeaderFields({
  storedNames,
  demand,
}: {
  storedNames: readonly string[];
  demand: string | null;
}) {
  const { control, setValue, clearErrors } = useFormContext<McpServerInput>();
  const sharing = useWatch({ control, name: "headerSharing" }) ?? "SHARED";

  function fields(chosen: TokenSharing) {
    switch (chosen) {
      case "SHARED":
        return <SecretLinesField kind="headers" storedNames={storedNames} demand={demand} />;
      case "PER_USER":
        return <SettingFields definitions={personalKeySettings} path="settings" />;
      default:
        return chosen satisfies never;
    }
  }

  return (
    <>
      <FieldGroup label="Token Sharing">
        <RadioCards
          columns={2}
          value={sharing}
          onValueChange={(next) => {
            clearErrors(["headers", "settings"]);
            setValue("headerSharing", next, { shouldDirty: true });
          }}
          options={[
            {
              value: "SHARED",
              title: "Shared",
              note: "Default",
              description: "One set of headers for the whole team, entered here by an admin.",
            },
            {
              value: "PER_USER",
              title: "Per User",
              description:
                "Each person enters their own key. The chat asks on the first call that needs it.",
            },
          ]}
        />
      </FieldGroup>
      {fields(sharing)}
    </>
  );
}
