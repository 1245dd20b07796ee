// Loaded by --import before the conformance suite: it names `fs.globSync`, which Node 20 does not
// have, and calls it only in reports that are not generated here.

import { register } from "node:module";

const hooks = `
export async function resolve(specifier, context, next) {
  const isFs = specifier === "fs" || specifier === "node:fs";
  return isFs && context.parentURL?.includes("/@modelcontextprotocol/conformance/")
    ? { url: "fs-with-glob:", shortCircuit: true }
    : next(specifier, context);
}
export async function load(url, context, next) {
  if (url !== "fs-with-glob:") return next(url, context);
  const source = \`
    export * from "node:fs";
    export { default } from "node:fs";
    export function globSync() { throw new Error("Node 20 has no fs.globSync."); }\`;
  return { format: "module", shortCircuit: true, source };
}`;

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 22) register(`data:text/javascript,${encodeURIComponent(hooks)}`);
