import path from "node:path";
import { build } from "esbuild";
import { nodeBundle } from "@/scripts/node-bundle.mjs";
import { refreshWorkerFile } from "./refresh-workers";

/** Once for a whole run: a replica that compiles its own files takes seconds of both cores to start. */
export default async function setup(): Promise<void> {
  await build({
    ...nodeBundle,
    entryPoints: [path.join(import.meta.dirname, "refresh-worker.ts")],
    outfile: refreshWorkerFile,
    sourcemap: "inline",
  });
}
