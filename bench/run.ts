// npm run bench: measures Usher against its peers and prints one table of ratios.
//   npm run bench -- B1 B3     these rows only; with --write they go to docs/benchmarks.md
//   npm run bench -- --quick   small sizes: shows that all of it works; nothing is written

import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { stopPostgres } from "./installation";
import { renderCells, renderTable, updateDocument } from "./report";
import type { Row, RowResult } from "./row";
import { callRow, coldCallRow } from "./rows/call";
import { chatLoadRow } from "./rows/chat-load";
import { credentialRow, soakRow } from "./rows/custody";
import { dueQueryRow } from "./rows/due-query";
import { firstTokenRow } from "./rows/first-token";
import { herdRow } from "./rows/herd";
import { herdOfProcessesRow } from "./rows/herd-of-processes";
import { listsRow } from "./rows/lists";
import { navigationRow } from "./rows/navigation";
import { sealingRow } from "./rows/sealing";
import { sweepRow } from "./rows/sweep";
import { routeHandlerRow, webAppRow } from "./rows/web-app";

const allRows: readonly Row[] = [
  ...[callRow, coldCallRow, credentialRow, herdRow, herdOfProcessesRow, dueQueryRow, sweepRow],
  ...[sealingRow, routeHandlerRow, webAppRow, firstTokenRow, soakRow, navigationRow],
  ...[chatLoadRow, listsRow],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const wanted = positionals.map((name) => name.toUpperCase());
const rows = wanted.length === 0 ? allRows : allRows.filter(({ name }) => wanted.includes(name));
const results: RowResult[] = [];
try {
  for (const row of rows) {
    const startedAt = performance.now();
    console.log(`${row.name} ${row.title} (load ${(loadavg()[0] ?? Number.NaN).toFixed(1)})`);
    const result = await row.run({
      quick: values.quick,
      say: (line) => console.log(`  ${line}`),
    });
    const named = { name: row.name, title: row.title, ...result };
    results.push(named);
    // A row that fails later must not take these along.
    console.log(renderTable([named]));
    console.log(`  ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
} finally {
  await stopPostgres();
}
console.log(`\n${renderTable(results)}`);
for (const { name, figures, comparison } of results) {
  if (comparison) console.log(`\n${renderCells(comparison)}\n`);
  for (const { what, against, detail } of figures)
    console.log(`${name} ${what}, ${against}: ${detail}`);
}
if (!values.quick && (values.write || wanted.length === 0)) {
  const machine = {
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
  const page = "docs/benchmarks.md";
  await writeFile(page, updateDocument(await readFile(page, "utf8"), results, machine));
  console.log("\nWritten to docs/benchmarks.md");
}
