import type { RowResult } from "./row";
import { tableCells } from "./table";

/** What the figures were taken on, in words that hold for more machines than one. */
export interface Machine {
  cores: number;
  memoryGib: number;
  node: string;
}

/** docs/benchmarks.md, whole. */
export function renderDocument(rows: readonly RowResult[], machine: Machine): string {
  const parts = [
    "# Benchmarks",
    intro(machine),
    markdownTable(tableCells(rows)),
    "## How each was measured",
    ...rows.flatMap(({ name, title, method, comparison, figures }) => [
      `### ${name} ${title}`,
      method,
      ...(comparison ? [markdownTable(comparison)] : []),
      figures.map(({ what, against, detail }) => `- ${what}, ${against}: ${detail}`).join("\n"),
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function intro({ cores, memoryGib, node }: Machine): string {
  return `Written by \`npm run bench\` on ${cores} cores with ${memoryGib} GiB, Node ${node} and Postgres on the
same machine. Each figure is a ratio of two things that were measured in one run by turns, so that what a busy
machine does to one it does to the other. In brackets: the middle half of the rounds. Sealing, the outbound
guard and the audit are on. Correctness comes first: a row that finds a wrong answer tells no speed.`;
}

function markdownTable([head = [], ...lines]: readonly string[][]): string {
  return [head, head.map(() => "---"), ...lines].map(tableLine).join("\n");
}

/** A cell of a Markdown table ends at a bar. */
function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
