import { type CatalogueTool, catalogueTool } from "@/lib/contracts/servers/catalogue";
import type { ToolChange } from "@/lib/contracts/servers/tool-policy";

type Lines = ToolChange["lines"];

/** Lines of one field; a longer pair is shown as taken out and put in whole. */
const mostLines = 400;

const fields: { field: ToolChange["field"]; text: (tool: CatalogueTool) => string }[] = [
  { field: "title", text: (tool) => tool.title ?? "" },
  { field: "description", text: (tool) => tool.description ?? "" },
  { field: "inputSchema", text: (tool) => prettySorted(tool.inputSchema) },
  { field: "annotations", text: (tool) => prettySorted(tool.annotations) },
];

/** What an admin has to look at before accepting: the fields that differ, line by line. */
export function toolChanges(accepted: unknown, now: CatalogueTool): ToolChange[] {
  const { data: before } = catalogueTool.safeParse(accepted);
  if (!before) return [];
  return fields.flatMap(({ field, text }) => {
    const [one, other] = [text(before), text(now)];
    return one === other ? [] : [{ field, lines: differingLines(one, other) }];
  });
}

export function differingLines(before: string, after: string): Lines {
  const [one, other] = [linesOf(before), linesOf(after)];
  if (one.length > mostLines || other.length > mostLines) {
    return [...one.map(removed), ...other.map(added)];
  }
  // The length of the longest common run of lines from each pair of places on.
  const width = other.length + 1;
  const common = new Uint16Array((one.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = one.length - 1; row >= 0; row--) {
    for (let column = other.length - 1; column >= 0; column--) {
      common[row * width + column] =
        one[row] === other[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Lines = [];
  let [row, column] = [0, 0];
  while (row < one.length || column < other.length) {
    if (row < one.length && column < other.length && one[row] === other[column]) {
      lines.push({ kind: "same", text: one[row] ?? "" });
      row++;
      column++;
    } else if (
      row < one.length &&
      (column >= other.length || at(row + 1, column) >= at(row, column + 1))
    ) {
      lines.push(removed(one[row++] ?? ""));
    } else lines.push(added(other[column++] ?? ""));
  }
  return lines;
}

function removed(text: string): Lines[number] {
  return { kind: "removed", text };
}

function added(text: string): Lines[number] {
  return { kind: "added", text };
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

/** Members in one order: a server that shuffles them has changed nothing. */
function prettySorted(value: unknown): string {
  return JSON.stringify(sorted(value), null, 2);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
