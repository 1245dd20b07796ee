export interface SplitCommand {
  command: string;
  args: string[];
}

/**
 * A command as it is typed into a terminal, taken apart at its spaces; what stands in quotes stays
 * together. Null: it is one program and no more, or its quotes are not closed.
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
