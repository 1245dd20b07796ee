import path from "node:path";

/** Where `bundle-processes.ts` puts a process that tests start: Usher's packages resolve from there. */
export function bundledFile(name: string): string {
  return path.resolve("node_modules/.cache/usher-tests", `${name}.mjs`);
}
