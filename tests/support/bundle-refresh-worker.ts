import path from "node:path";
import { build } from "esbuild";
import { refreshWorkerFile } from "./refresh-workers";

/** Once for a whole run: a replica that compiles its own files takes seconds of both cores to start. */
export default async function setup(): Promise<void> {
  await build({
    entryPoints: [path.join(import.meta.dirname, "refresh-worker.ts")],
    outfile: refreshWorkerFile,
    bundle: true,
    packages: "external",
    alias: { "next/server": "next/server.js" },
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "inline",
    logLevel: "error",
  });
}
