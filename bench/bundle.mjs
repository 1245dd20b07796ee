// Bundles what is measured, so that no loader stands between the code and its figures.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodeBundle } from "../scripts/node-bundle.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Within reach of Usher's own packages, and of the peers'. */
const places = {
  usher: path.join(root, "node_modules/.cache/usher-bench"),
  peers: path.join(root, "bench/node_modules/.cache/usher-bench"),
};

/**
 * @param {keyof typeof places} packages whose packages it shall find
 * @param {string[]} files in bench/; `.ts` is left out, `.mjs` is not
 * @returns {Promise<(file: string) => string>} where the bundle of each is
 */
export async function bundle(packages, files) {
  const outdir = places[packages];
  await build({
    ...nodeBundle,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(files.map((file) => [nameOf(file), `bench/${sourceOf(file)}`])),
    outdir,
    outExtension: { ".js": ".mjs" },
    splitting: false,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return (file) => path.join(outdir, `${nameOf(file)}.mjs`);
}

function sourceOf(file) {
  return file.endsWith(".mjs") ? file : `${file}.ts`;
}

function nameOf(file) {
  return file.replaceAll("/", "-").replace(/\.mjs$/, "");
}
