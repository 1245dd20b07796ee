// Builds the app when anything that goes into it has changed since the last build.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const folders = ["app", "components", "lib", "prisma"];
const files = [
  "package-lock.json",
  "next.config.mjs",
  "postcss.config.mjs",
  "tsconfig.json",
  "instrumentation.ts",
  "proxy.ts",
];

export async function buildWhenChanged({ root, stateFolder, run, say }) {
  const stamp = path.join(stateFolder, "built-from");
  const sources = hashSources(root);
  const built = existsSync(path.join(root, ".next/BUILD_ID"));
  if (built && existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  say("Building Usher (once after each change, about a minute) …");
  await run("build", ["scripts/build.mjs"]);
  writeFileSync(stamp, sources);
}

function hashSources(root) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(path.join(root, file)));
  for (const folder of folders) {
    for (const entry of readdirSync(path.join(root, folder), {
      recursive: true,
      withFileTypes: true,
    }).sort((a, b) => (`${a.parentPath}/${a.name}` < `${b.parentPath}/${b.name}` ? -1 : 1))) {
      const file = path.join(entry.parentPath, entry.name);
      if (!entry.isFile() || file.includes("lib/db/generated")) continue;
      hash.update(path.relative(root, file)).update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}
