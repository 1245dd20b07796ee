import { type ToolOption, withTools } from "./tool-selection";

/** A button that changes many choices at once. */
export type BulkChoice = {
  action: "select" | "read-only" | "clear";
  label: string;
  /** How many it acts on. */
  tools: number;
  /** What is chosen afterwards. */
  toolNames: string[];
};

/**
 * What one press can do. In a filtered list, each acts on what is shown and leaves the others unchanged;
 * otherwise read-only tools replace what was chosen. A missing tool is cleared, and never chosen.
 *
 * @param shown of `options`, the tools in the list
 */
export function bulkChoices(
  options: readonly ToolOption[],
  shown: readonly ToolOption[],
  { narrowed, chosenNames }: { narrowed: boolean; chosenNames: readonly string[] },
): BulkChoice[] {
  const listed = (narrowed ? shown : options).filter(({ missing }) => !missing);
  const all = listed.map(({ name }) => name);
  const readOnly = listed.filter((tool) => tool.readOnly).map(({ name }) => name);
  const cleared = (narrowed ? shown.map(({ name }) => name) : chosenNames).filter((name) =>
    chosenNames.includes(name),
  );
  return [
    {
      action: "select",
      label: narrowed ? `Select shown (${all.length})` : "Select all",
      tools: all.length,
      toolNames: withTools(chosenNames, all, true),
    },
    {
      action: "read-only",
      label: `${narrowed ? "Select" : "Only"} read-only (${readOnly.length})`,
      tools: readOnly.length,
      toolNames: withTools(narrowed ? chosenNames : [], readOnly, true),
    },
    {
      action: "clear",
      label: narrowed ? `Clear shown (${cleared.length})` : "Clear",
      tools: cleared.length,
      toolNames: withTools(chosenNames, cleared, false),
    },
  ];
}

/** "12 of 120 chosen"; in a filtered list also the number shown, and the number chosen outside it. */
export function countWords(
  options: readonly ToolOption[],
  shown: readonly ToolOption[],
  { narrowed, chosenNames }: { narrowed: boolean; chosenNames: readonly string[] },
): string {
  const chosen = new Set(chosenNames);
  const counted = (tools: readonly ToolOption[]) =>
    tools.filter(({ name, missing }) => !missing && chosen.has(name)).length;
  const all = counted(options);
  const listed = options.filter(({ missing }) => !missing).length;
  const words = `${all} of ${listed} chosen`;
  if (!narrowed) return words;
  const hidden = all - counted(shown);
  return `${shown.length} shown · ${words}${hidden > 0 ? `, ${hidden} of them not shown` : ""}`;
}
