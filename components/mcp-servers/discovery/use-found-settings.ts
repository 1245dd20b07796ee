import { useRef, useState } from "react";
import { useFormContext } from "react-hook-form";
import type { DiscoveryResult } from "@/lib/contracts/servers/discovery";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import {
  type Filled,
  type FoundPart,
  fillIn,
  fillInOpen,
  foundInstead,
  isSamePart,
  type KeptValue,
  takenBack,
} from "./discovered-values";

export type FoundSettings = {
  /** Somebody's own values, which stand against what was found. */
  kept: readonly KeptValue[];
  /** The form was changed, and can be as it was before. */
  undoable: boolean;
};

/** Brings what a discovery found into the form, and takes it back. */
export function useFoundSettings(hasStoredHeaders: boolean) {
  const { getValues, setValue, clearErrors } = useFormContext<McpServerInput>();
  const [found, setFound] = useState<FoundSettings | null>(null);
  const filled = useRef<Filled | null>(null);

  function write({ authentication, oauth }: FoundPart) {
    const options = { shouldDirty: true, shouldTouch: true };
    setValue("authentication", authentication, options);
    setValue("oauth", oauth, options);
    clearErrors(["authentication", "oauth"]);
  }

  function change(after: FoundPart, kept: readonly KeptValue[]) {
    const { authentication, oauth } = getValues();
    const before = { authentication, oauth: { ...oauth } };
    const undoable = !isSamePart(before, after);
    if (undoable) {
      write(after);
      filled.current = { before, after };
    }
    setFound({ kept, undoable });
  }

  return {
    found,
    fill(result: DiscoveryResult) {
      if (result.outcome === "failed") return;
      const { after, kept } =
        result.outcome === "oauth"
          ? fillIn(getValues(), result.settings, filled.current, hasStoredHeaders)
          : fillInOpen(getValues(), filled.current, hasStoredHeaders);
      change(after, kept);
    },
    replace(result: DiscoveryResult) {
      if (result.outcome === "oauth") change(foundInstead(getValues(), result.settings), []);
      if (result.outcome === "open") change({ ...getValues(), authentication: "NONE" }, []);
    },
    undo() {
      if (filled.current) write(takenBack(getValues(), filled.current));
      filled.current = null;
      setFound(null);
    },
    forget: () => setFound(null),
  };
}
