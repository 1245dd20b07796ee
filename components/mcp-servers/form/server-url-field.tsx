"use client";

import {
  type ClipboardEvent,
  type KeyboardEvent,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from "react";
import { useFormContext, useFormState, useWatch } from "react-hook-form";
import { DiscoveryPanel } from "@/components/mcp-servers/discovery/discovery-panel";
import { useDiscovery } from "@/components/mcp-servers/discovery/use-discovery";
import { useFoundSettings } from "@/components/mcp-servers/discovery/use-found-settings";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { pastedUrl } from "@/lib/contracts/servers/pasted-url";
import { useFieldError } from "./form-field";

/** The initial state of the form for a new server. */
export type NewServerStart = {
  values: McpServerInput;
  /** Whether its URL is looked up at once. */
  discover: boolean;
  takenNames: readonly string[];
};

/** The server's URL, from which the rest of the form can be discovered. */
export function ServerUrlField({
  placeholder,
  hasStoredHeaders,
  start: opened,
}: {
  placeholder: string;
  hasStoredHeaders: boolean;
  /** Null for an edit. */
  start: NewServerStart | null;
}) {
  const { register, control, trigger, getValues, setValue, setFocus } =
    useFormContext<McpServerInput>();
  const error = useFieldError("url");
  const url = useWatch({ control, name: "url" }).trim();
  const button = useRef<HTMLButtonElement>(null);
  const settings = useFoundSettings(hasStoredHeaders, opened?.takenNames ?? []);
  const { run, start, cancel } = useDiscovery(settings.fill);
  const running = run !== null && run.end === null;
  const stale = run !== null && run.url !== url;
  useCancelWhen(running && stale, cancel);

  async function discover() {
    const whole = pastedUrl(getValues("url"));
    if (whole !== null) setValue("url", whole, { shouldDirty: true });
    if (!(await trigger("url", { shouldFocus: true }))) return;
    settings.forget();
    void start(getValues("url").trim());
  }

  useOnce(opened?.discover ?? false, () => void discover());

  /** A URL that replaces the whole text is looked up at once. */
  function paste(event: ClipboardEvent<HTMLInputElement>) {
    const pasted = pastedUrl(event.clipboardData.getData("text"));
    const { value, selectionStart, selectionEnd } = event.currentTarget;
    if (pasted === null || (selectionEnd ?? 0) - (selectionStart ?? 0) < value.length) return;
    event.preventDefault();
    setValue("url", pasted, { shouldDirty: true });
    void discover();
  }

  /** The form is saved further below, once the server has been asked. */
  function enter(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void discover();
  }

  const result = run?.end;
  return (
    <div className="grid gap-3">
      <Field
        label="Server URL"
        required
        error={error}
        hint="Paste the MCP endpoint from the server’s documentation. Usher asks it how to authenticate and fills in the rest."
      >
        <div className="flex gap-2">
          <Input
            {...register("url")}
            type="text"
            inputMode="url"
            placeholder={placeholder}
            onPaste={paste}
            onKeyDown={enter}
            autoFocus={opened?.values.url === ""}
            mono
            spellCheck={false}
            autoCapitalize="none"
            autoCorrect="off"
          />
          <Button
            ref={button}
            onClick={() => {
              // Stays where it is, so that Stop is under the same finger.
              button.current?.focus();
              if (running) cancel();
              else void discover();
            }}
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
          addAction={opened === null ? null : <AddNow />}
          onReplace={() => {
            if (result && result.outcome !== "cancelled" && result.outcome !== "broken") {
              settings.replace(result);
            }
          }}
          onUndo={settings.undo}
          onAgain={() => {
            // The pressed button disappears together with its container.
            button.current?.focus();
            void discover();
          }}
          onCorrect={(corrected) => {
            button.current?.focus();
            setValue("url", corrected, { shouldDirty: true });
            void discover();
          }}
          onEnter={(field) => setFocus(field)}
        />
      ) : null}
    </div>
  );
}

/** What is found for one URL is not filled in beside another. */
function useCancelWhen(outdated: boolean, cancel: () => void) {
  const onOutdated = useEffectEvent(cancel);
  useEffect(() => {
    if (outdated) onOutdated();
  }, [outdated]);
}

/** When the page opens, if at all. */
function useOnce(wanted: boolean, act: () => void) {
  const [atStart] = useState(wanted);
  const onStart = useEffectEvent(act);
  useEffect(() => {
    if (atStart) onStart();
  }, [atStart]);
}

/** Saves a new server from where it says that nothing is left to enter, or leads to the name field. */
function AddNow() {
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
