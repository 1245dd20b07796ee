import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { updateDocument } from "@/bench/report";
import type { RowResult } from "@/bench/row";

const machine = { cores: 2, memoryGib: 24, node: "20.20.2" };
const row = (name: RowResult["name"], median: number): RowResult => ({
  ...{ name, title: `Title of ${name}`, method: `Method of ${name}.` },
  figures: [
    {
      ...{ what: `what ${name} measures`, against: "a peer", unit: "×" as const },
      ...{ value: { median, q1: median, q3: median }, bar: { atMost: 2 }, detail: "details" },
    },
  ],
});

it("keeps the rows that were not measured, in order", () => {
  const first = updateDocument("", [row("B1", 1), row("B2", 1), row("B11", 1)], machine);
  const second = updateDocument(first, [row("B2", 3), row("B9", 1)], machine);
  const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, n]) => n);
  expect(names(second, /^\| (B\d+) \|/gm)).toEqual(["B1", "B2", "B9", "B11"]);
  expect(names(second, /^### (B\d+) /gm)).toEqual(["B1", "B2", "B9", "B11"]);
  expect(second).toContain("| B2 | what B2 measures | a peer | 3 × | ≤ 2 | missed by 50 % |");
  expect(second.match(/## How each was measured/g)).toHaveLength(1);
});

it("leaves a page unchanged if nothing was measured", () => {
  const page = readFileSync("docs/benchmarks.md", "utf8");
  const table = (text: string) => text.slice(text.indexOf("|  | What"));
  expect(table(updateDocument(page, [], machine))).toBe(table(page));
});
