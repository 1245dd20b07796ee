// npm run bench: measures Usher against its peers and prints one table of ratios.
//   npm run bench -- B1 B3     these rows only
//   npm run bench -- --quick   small sizes: shows that all of it works; nothing is written

import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { stopPostgres } from "./installation";
import type { Row, RowResult } from "./row";
import { callRow } from "./rows/b1-call";
import { coldCallRow } from "./rows/b2-cold-call";
import { credentialRow } from "./rows/b3-credential";
import { dueQueryRow } from "./rows/b6-due-query";
import { sweepRow } from "./rows/b7-sweep";
import { sealingRow } from "./rows/b8-sealing";
import { renderTable } from "./table";

const allRows: readonly Row[] = [
  callRow,
  coldCallRow,
  credentialRow,
  dueQueryRow,
  sweepRow,
  sealingRow,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false } },
});
const wanted = positionals.map((name) => name.toUpperCase());
const rows = wanted.length === 0 ? allRows : allRows.filter(({ name }) => wanted.includes(name));
const results: RowResult[] = [];
for (const row of rows) {
  const load = loadavg()[0] ?? Number.NaN;
  console.log(`${row.name} ${row.title} (load ${load.toFixed(1)})`);
  const { figures, method } = await row.run({
    quick: values.quick,
    say: (line) => console.log(`  ${line}`),
  });
  results.push({ name: row.name, title: row.title, figures, method });
}
await stopPostgres();
console.log(`\n${renderTable(results)}`);
for (const { name, figures } of results) {
  for (const { what, against, detail } of figures)
    console.log(`${name} ${what}, ${against}: ${detail}`);
}
