import { type Bar, type Figure, isMet, type RowResult } from "./row";

export function valueInWords({ value, unit }: Pick<Figure, "value" | "unit">): string {
  const { median, q1, q3 } = value;
  const suffix = unit === "×" || unit === "" ? unit && ` ${unit}` : ` ${unit}`;
  if (q1 === q3) return `${number(median)}${suffix}`;
  return `${number(median)}${suffix} (${number(q1)}–${number(q3)})`;
}

export function barInWords(bar: Bar | null): string {
  if (bar === null) return "";
  if ("atMost" in bar) return `≤ ${number(bar.atMost)}`;
  if ("atLeast" in bar) return `≥ ${number(bar.atLeast)}`;
  return `= ${number(bar.exactly)}`;
}

export function verdictInWords(figure: Figure): string {
  const met = isMet(figure);
  if (met === null) return "";
  if (met) return "met";
  const bar = figure.bar ?? { exactly: Number.NaN };
  const wanted = "atMost" in bar ? bar.atMost : "atLeast" in bar ? bar.atLeast : bar.exactly;
  const by = Math.abs(figure.value.median / wanted - 1) * 100;
  return Number.isFinite(by) ? `missed by ${Math.ceil(by)} %` : "missed";
}

export function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000)
    return Math.round(value).toLocaleString("en");
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(2);
}

/** The cells of the one table, its head first. */
export function tableCells(rows: readonly RowResult[]): string[][] {
  const lines = rows.flatMap((row) =>
    row.figures.map((figure) => [
      row.name,
      figure.what,
      figure.against,
      valueInWords(figure),
      barInWords(figure.bar),
      verdictInWords(figure),
    ]),
  );
  return [["", "What", "Against", "Measured", "Bar", ""], ...lines];
}

/** The one table, for a terminal. */
export function renderTable(rows: readonly RowResult[]): string {
  return renderCells(tableCells(rows));
}

export function renderCells(table: readonly string[][]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
