import type { RowResult } from "./row";
import { tableCells } from "./table";

/** What the figures were taken on, in words that hold for more machines than one. */
export interface Machine {
  cores: number;
  memoryGib: number;
  node: string;
}

const methodsHeading = "## How each was measured";

/**
 * docs/benchmarks.md, with the rows that were measured. Those of `before` that were not stay as they are,
 * so that a run of two rows does not take the others away.
 */
export function updateDocument(
  before: string,
  rows: readonly RowResult[],
  machine: Machine,
): string {
  const kept = partsOf(before);
  const now = partsOf(renderDocument(rows, machine));
  const merge = (part: "lines" | "methods") =>
    [...new Map([...kept[part], ...now[part]])]
      .toSorted(([one], [other]) => Number(one.slice(1)) - Number(other.slice(1)))
      .map(([, text]) => text);
  const parts = [now.head + merge("lines").join("\n"), methodsHeading, ...merge("methods")];
  return `${parts.join("\n\n")}\n`;
}

/** The page's text up to the first row of its table, then each row's lines and its method, by its name. */
function partsOf(document: string) {
  const [table = "", methods = ""] = document.split(`\n\n${methodsHeading}`);
  const isOfRow = /^\| (B\d+) \|/;
  const lines = new Map<string, string>();
  for (const line of table.split("\n")) {
    const name = isOfRow.exec(line)?.[1];
    if (name) lines.set(name, lines.has(name) ? `${lines.get(name)}\n${line}` : line);
  }
  const isOther = (line: string) => !isOfRow.test(line);
  const head = table.split("\n").filter(isOther).join("\n").trimEnd();
  const sections = methods.split(/\n(?=### B\d)/).map((section) => section.trim());
  const named = sections.map((section): [string, string] => [
    /^### (B\d+)/.exec(section)?.[1] ?? "",
    section,
  ]);
  return { head: `${head}\n`, lines, methods: new Map(named.filter(([name]) => name !== "")) };
}

function renderDocument(rows: readonly RowResult[], machine: Machine): string {
  const parts = [
    "# Benchmarks",
    intro(machine),
    markdownTable(tableCells(rows)),
    methodsHeading,
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
