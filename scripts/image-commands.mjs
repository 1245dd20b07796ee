// Adds the commands that an installation needs to the app's image: `npm run db:migrate`, `doctor` and the like.
// Each is one bundle: a build's packages would make the image ten times as large.

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { nodeBundle } from "./node-bundle.mjs";
import { root } from "./step.mjs";

/** As package.json calls them. */
const commands = ["db:migrate", "doctor", "admin:reset", "secrets:rotate", "config"];
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
/** @type {(command: string) => string} */
const fileOf = (command) => path.basename(manifest.scripts[command].split(" ").at(-1), ".ts");
const image = path.join(root, ".next/standalone");
/** As deep as the sources, which find `prisma/` from where they are. */
const folder = "scripts/commands";

await build({
  ...nodeBundle,
  packages: "bundle",
  // The embedded database is not part of an image. The others are copied, by Next or below.
  external: [
    "@electric-sql/*",
    "@node-rs/argon2",
    "@opentelemetry/*",
    "@prisma/schema-engine-wasm",
    "pg-native",
  ],
  entryPoints: commands.map((command) => `scripts/${fileOf(command)}.ts`),
  absWorkingDir: root,
  outdir: path.join(image, folder),
  outExtension: { ".js": ".mjs" },
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  // For CommonJS packages.
  banner: {
    js: `import { createRequire as requireOf } from "node:module";
const require = requireOf(import.meta.url), __dirname = import.meta.dirname;`,
  },
});

for (const part of [
  "prisma/schema.prisma",
  "prisma/migrations",
  "node_modules/@prisma/schema-engine-wasm",
]) {
  cpSync(path.join(root, part), path.join(image, part), { recursive: true });
}

const scripts = {
  start: "node server.js",
  ...Object.fromEntries(
    commands.map((command) => [command, `node ${folder}/${fileOf(command)}.mjs`]),
  ),
};
writeFileSync(
  path.join(image, "package.json"),
  `${JSON.stringify({ ...manifest, scripts, devDependencies: undefined }, null, 2)}\n`,
);
