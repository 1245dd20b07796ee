import path from "node:path";

/** Where `bundle-processes.ts` puts a process that tests start: within reach of Usher's packages. */
export function bundledFile(name: string): string {
  return path.resolve("node_modules/.cache/usher-tests", `${name}.mjs`);
}
