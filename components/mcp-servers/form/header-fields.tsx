"use client";

import { useFormContext, useWatch } from "react-hook-form";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { personalKeySettings } from "@/lib/contracts/servers/personal-headers";
import { SecretLinesField } from "./secret-lines-field";
import { SettingFields } from "./setting-fields";
import { TokenSharingCards } from "./token-sharing-cards";

/** Headers that everyone's calls send, or the names of those that each person enters. */
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
      // For an account only.
      case "ORGANIZATION":
        return null;
      default:
        return chosen satisfies never;
    }
  }

  return (
    <>
      <TokenSharingCards
        of="headers"
        value={sharing}
        onChange={(next) => {
          clearErrors(["headers", "settings"]);
          setValue("headerSharing", next, { shouldDirty: true });
        }}
      />
      {fields(sharing)}
    </>
  );
}
