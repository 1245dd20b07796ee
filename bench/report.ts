import { type Bar, type Figure, isMet } from "./figures";
import type { RowResult } from "./row";

/** What the figures were taken on, in words that hold for more machines than one. */
export interface Machine {
  cores: number;
  memoryGib: number;
  node: string;
}

/** The one table, for a terminal. */
export function renderTable(rows: readonly RowResult[]): string {
  return renderCells(tableCells(rows));
}

export function renderCells(table: readonly string[][]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  const padded = (line: string[]) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return table.map((line) => padded(line).join("  ").trimEnd()).join("\n");
}

const methodsHeading = "## How each was measured";

/**
 * docs/benchmarks.md with the rows that were measured. Rows of `before` that were not measured stay as
 * they are, so that a run of two rows does not drop the others.
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
same machine. Each figure is a ratio of two things measured in one run by turns, so that a busy machine affects
both alike. In brackets: the middle half of the rounds. Sealing, the outbound guard and the audit are on.
Correctness comes first: a row that finds a wrong answer reports no speed.`;
}

function markdownTable([head = [], ...lines]: readonly string[][]): string {
  return [head, head.map(() => "---"), ...lines].map(tableLine).join("\n");
}

/** A cell of a Markdown table ends at a bar. */
function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** The cells of the one table, its head first. */
function tableCells(rows: readonly RowResult[]): string[][] {
  const lines = rows.flatMap(({ name, figures }) =>
    figures.map((figure) => [
      ...[name, figure.what, figure.against],
      ...[valueInWords(figure), barInWords(figure.bar), verdictInWords(figure)],
    ]),
  );
  return [["", "What", "Against", "Measured", "Bar", ""], ...lines];
}

function valueInWords({ value: { median, q1, q3 }, unit }: Figure): string {
  const range = q1 === q3 ? "" : ` (${number(q1)}–${number(q3)})`;
  return `${number(median)}${unit && ` ${unit}`}${range}`;
}

function barInWords(bar: Bar | null): string {
  if (bar === null) return "";
  if ("atMost" in bar) return `≤ ${number(bar.atMost)}`;
  if ("atLeast" in bar) return `≥ ${number(bar.atLeast)}`;
  return `= ${number(bar.exactly)}`;
}

function verdictInWords(figure: Figure): string {
  const { bar, value } = figure;
  if (bar === null) return "";
  if (isMet(figure)) return "met";
  const wanted = "atMost" in bar ? bar.atMost : "atLeast" in bar ? bar.atLeast : bar.exactly;
  const by = Math.abs(value.median / wanted - 1) * 100;
  return Number.isFinite(by) ? `missed by ${Math.ceil(by)} %` : "missed";
}

function number(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return Math.round(value).toLocaleString("en");
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}
