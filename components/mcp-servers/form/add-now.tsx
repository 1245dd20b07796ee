"use client";

import { useFormContext, useFormState, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/button";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";

/** Saves a new server from where it says that nothing is left to enter, or leads to the name field. */
export function AddNow() {
  const { control, setFocus } = useFormContext<McpServerInput>();
  const name = useWatch({ control, name: "name" }).trim();
  const { isSubmitting } = useFormState({ control });
  if (name === "") {
    return (
      <Button size="sm" variant="primary" onClick={() => setFocus("name")}>
        Enter a name
      </Button>
    );
  }
  return (
    <Button type="submit" size="sm" variant="primary" loading={isSubmitting}>
      Add<span className="sr-only"> {name}</span>
    </Button>
  );
}
