"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { TextField } from "@/components/mcp-servers/form/form-field";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";

export function CommandFields() {
  return (
    <>
      <TextField
        name="command"
        label="Command"
        hint="The program that starts the server on the machine running Usher. It does not run in a shell."
        placeholder="npx"
        required
        mono
      />
      <ArgumentsInCommand />
      <TextField
        name="args"
        label="Arguments"
        hint="One per line, passed to the program as is. Put secrets in environment variables instead."
        placeholder={"-y\n@example/mcp-server"}
        optional
        mono
        lines={3}
      />
    </>
  );
}

/** A whole command line, as a server's own page shows it, goes into two fields here. */
function ArgumentsInCommand() {
  const { control, setValue, getValues, setFocus } = useFormContext<McpServerInput>();
  const command = useWatch({ control, name: "command" });
  const split = splitCommand(command ?? "");
  if (split === null) return null;

  function apply({ command: program, args }: NonNullable<typeof split>) {
    const after = [...args, getValues("args")].filter((line) => line.trim() !== "").join("\n");
    const changed = { shouldDirty: true, shouldValidate: true };
    setValue("args", after, changed);
    setValue("command", program, changed);
    setFocus("args");
  }

  return (
    <Callout
      title="This contains arguments"
      announce
      action={
        <Button size="sm" onClick={() => apply(split)}>
          Move to Arguments
        </Button>
      }
    >
      A command is a single program. If its path contains spaces, leave it as is.
    </Callout>
  );
}

interface SplitCommand {
  command: string;
  args: string[];
}

/**
 * Splits a command line at its spaces, except inside quotes. Null: it is a single program without
 * arguments, or a quote is not closed.
 */
export function splitCommand(typed: string): SplitCommand | null {
  const parts: string[] = [];
  const text = typed.trim();
  const part = /\s*((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+)/gy;
  for (let match = part.exec(text); match; match = part.exec(text)) {
    parts.push(unquoted(match[1] ?? ""));
    if (part.lastIndex === text.length) {
      const [command = "", ...args] = parts;
      return args.length === 0 ? null : { command, args };
    }
  }
  return null;
}

function unquoted(part: string): string {
  return part.replace(
    /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g,
    (_, double: string | undefined, single: string | undefined, escaped: string | undefined) =>
      double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? "",
  );
}
