"use client";

import { useEffect, useEffectEvent, useRef } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { DiscoveryPanel } from "@/components/mcp-servers/discovery/discovery-panel";
import { useDiscovery, useFoundSettings } from "@/components/mcp-servers/discovery/use-discovery";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { useFieldError } from "./form-field";

/** The server's URL, from which the rest of the form can be found out. */
export function ServerUrlField({
  placeholder,
  hasStoredHeaders,
}: {
  placeholder: string;
  hasStoredHeaders: boolean;
}) {
  const { register, control, trigger, getValues, setValue } = useFormContext<McpServerInput>();
  const error = useFieldError("url");
  const url = useWatch({ control, name: "url" }).trim();
  const button = useRef<HTMLButtonElement>(null);
  const settings = useFoundSettings(hasStoredHeaders);
  const { run, start, cancel, dismiss } = useDiscovery(settings.fill);
  const running = run !== null && run.end === null;
  const stale = run !== null && run.url !== url;
  useCancelWhen(running && stale, cancel);

  async function discover() {
    // The button that was pressed may go away with what it stood in.
    button.current?.focus();
    if (!(await trigger("url", { shouldFocus: true }))) return;
    settings.forget();
    start(getValues("url").trim());
  }

  const result = run?.end;
  return (
    <div className="grid gap-3">
      <Field
        label="Server URL"
        required
        error={error}
        hint="The server’s MCP endpoint, from its documentation. Discover asks the server how to authenticate and fills in the rest."
      >
        <div className="flex gap-2">
          <Input
            {...register("url")}
            type="text"
            inputMode="url"
            placeholder={placeholder}
            mono
            spellCheck={false}
            autoCapitalize="none"
            autoCorrect="off"
          />
          <Button
            ref={button}
            onClick={() => (running ? cancel() : void discover())}
            className="min-w-24"
          >
            {running ? "Stop" : "Discover"}
          </Button>
        </div>
      </Field>
      {run ? (
        <DiscoveryPanel
          run={run}
          stale={stale && !running}
          found={settings.found}
          onReplace={() => {
            if (result && result.outcome !== "cancelled" && result.outcome !== "broken") {
              settings.replace(result);
            }
          }}
          onUndo={settings.undo}
          onAgain={() => void discover()}
          onCorrect={(corrected) => {
            setValue("url", corrected, { shouldDirty: true });
            void discover();
          }}
          onDismiss={() => {
            dismiss();
            button.current?.focus();
          }}
        />
      ) : null}
    </div>
  );
}

/** What is found for one URL is not filled in beside another one. */
function useCancelWhen(outdated: boolean, cancel: () => void) {
  const onOutdated = useEffectEvent(cancel);
  useEffect(() => {
    if (outdated) onOutdated();
  }, [outdated]);
}
