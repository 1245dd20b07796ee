import { oneLine } from "@/lib/untrusted-text";
import type { FieldChange } from "./compare";
import type { GroupChange } from "./group-entry";
import { type AssistantChange, hasChanges, type Plan, type ServerChange } from "./plan";
import type { Problem } from "./read";

/** For a value in a plan; a longer one is shown by its length. */
const MAX_SHOWN = 100;

type Kind = "group" | "MCP server" | "assistant";

/** A plan as people read it in a terminal. */
export function planText(plan: Plan): string {
  const all = [
    ...plan.groups.map((change) => ({ kind: "group" as Kind, change })),
    ...plan.servers.map((change) => ({ kind: "MCP server" as Kind, change })),
    ...plan.assistants.map((change) => ({ kind: "assistant" as Kind, change })),
  ];
  const left = [
    ...plan.onlyHere.groups.map((name) => `group ${oneLine(name)}`),
    ...plan.onlyHere.servers.map((name) => `MCP server ${oneLine(name)}`),
    ...plan.onlyHere.assistants.map((name) => `assistant ${oneLine(name)}`),
  ];
  const lines = all
    .filter(({ change }) => hasChanges(change))
    .flatMap(({ kind, change }) => changeLines(kind, change));
  const only = left.map(
    (name) => `? ${name}: not in the file. To remove it, delete it on its page.`,
  );
  const added = all.filter(({ change }) => change.row === null).length;
  const changed = all.filter(({ change }) => change.row !== null && hasChanges(change)).length;
  const counts = `${added} to add, ${changed} to change, ${all.length - added - changed} as in the file, ${left.length} not in the file.`;
  return [...lines, ...only, ...(lines.length + only.length > 0 ? [""] : []), counts].join("\n");
}

function changeLines(kind: Kind, change: GroupChange | ServerChange | AssistantChange): string[] {
  const { entry, row, fields, notes } = change;
  const sign = row === null ? "+" : "~";
  const line = ({ field, from, to }: FieldChange) =>
    row === null ? `${field}: ${value(to)}` : `${field}: ${value(from)} → ${value(to)}`;
  return [
    `${sign} ${kind} ${oneLine(entry.name)}`,
    ...fields.map((change) => `    ${line(change)}`),
    ...notes.map((note) => `    Note: ${note}`),
  ];
}

function value(text: string): string {
  if (text === "") return "(empty)";
  const line = oneLine(text);
  return line.length > MAX_SHOWN || text.includes("\n") ? `(${text.length} characters)` : line;
}

/** Every problem of a file, one per line. */
export function problemsText(problems: readonly Problem[]): string {
  return problems
    .map(({ line, path, message }) => {
      const where = [line === null ? "" : `line ${line}`, path].filter((part) => part !== "");
      return where.length === 0 ? message : `${where.join(", ")}: ${message}`;
    })
    .join("\n");
}
