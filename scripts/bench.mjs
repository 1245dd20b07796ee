// npm run bench: Usher compared with its peers and limits, as one table of ratios. Installs what is missing,
// the peers only in bench/. Arguments are passed to bench/run.ts:
//   npm run bench -- B1 B3     only these rows; with --write they go to docs/benchmarks.md
//   npm run bench -- --quick   small sizes: shows that everything works; nothing is written

import { existsSync } from "node:fs";
import path from "node:path";
import { installLockfile, installPackages } from "./install.mjs";
import { root, runStep } from "./step.mjs";

installPackages(console.log);
installPeers();

const prepared = await runStep({ name: "Prisma client", command: ["scripts/generate.mjs"] });
const bench = {
  name: "Benchmark",
  command: ["node_modules/tsx/dist/cli.mjs", "bench/run.ts", ...process.argv.slice(2)],
  live: true,
};
process.exitCode = prepared && (await runStep(bench)) ? 0 : 1;

function installPeers() {
  const cwd = path.join(root, "bench");
  if (existsSync(path.join(cwd, "node_modules/.package-lock.json"))) return;
  console.log("Installing the peers that Usher is measured against (once) …");
  installLockfile(cwd);
}
