import { useRef, useState } from "react";
import { useFormContext } from "react-hook-form";
import {
  type Filled,
  type FoundPart,
  fillIn,
  fillInOpen,
  foundInstead,
  isSamePart,
  type KeptValue,
  takenBack,
} from "@/components/mcp-servers/discovery/discovered-values";
import type { DiscoveryResult, ServerIdentity } from "@/lib/contracts/servers/discovery";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { uniqueName } from "@/lib/contracts/servers/unique-name";

export type FoundSettings = {
  /** Typed or stored values that differ from what was found. */
  kept: readonly KeptValue[];
  undoable: boolean;
};

/** Puts what a discovery found into the form, and reverts it. */
export function useFoundSettings(hasStoredHeaders: boolean, takenNames: readonly string[]) {
  const { getValues, setValue, setFocus, clearErrors } = useFormContext<McpServerInput>();
  const [found, setFound] = useState<FoundSettings | null>(null);
  const filled = useRef<Filled | null>(null);
  const named = useRef<ServerIdentity>({ name: null, description: null });

  /** A typed name or description stays. */
  function nameIt(identity: ServerIdentity) {
    for (const field of ["name", "description"] as const) {
      const now = getValues(field).trim();
      const told = identity[field];
      if (told === null || (now !== "" && now !== named.current[field])) continue;
      const value = field === "name" ? uniqueName(told, takenNames) : told;
      setValue(field, value, { shouldDirty: true });
      clearErrors(field);
      named.current = { ...named.current, [field]: value };
    }
  }

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
      if (result.outcome === "credential") {
        // What a person entered for OAuth is theirs, and stays.
        if (getValues("authentication") === "OAUTH" && getValues("oauth.tokenEndpoint") !== "") {
          return setFound({ kept: [], undoable: false });
        }
        change({ ...getValues(), authentication: "HEADERS" }, []);
        // The field appears with the next render.
        setTimeout(() => setFocus("headers"));
        return;
      }
      nameIt(result.identity);
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
