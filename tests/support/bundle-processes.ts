import path from "node:path";
import { build } from "esbuild";
import { nodeBundle } from "@/scripts/node-bundle.mjs";
import { bundledFile } from "./bundled-file";

/** Each Vitest project loads this file separately; they meet in the process. */
const place: { usherTestBundles?: Promise<unknown> } = globalThis as never;

/** Once for a whole run: a process that compiles its own files takes seconds of both cores to start. */
export default async function setup(): Promise<void> {
  const processes = {
    "refresh-worker": "refresh-worker.ts",
    "chat-process": "chat-process.ts",
    "stdio-server": "../../demo/stdio-server.ts",
    "admin-reset": "../../scripts/admin-reset.ts",
    config: "../../scripts/config.ts",
    "db-serve": "../../scripts/db-serve.ts",
    doctor: "../../scripts/doctor.ts",
    "secrets-rotate": "../../scripts/secrets-rotate.ts",
    "seed-scale": "../../scripts/seed-scale.ts",
    "seed-practice": "../../demo/seed-from-environment.ts",
  };
  place.usherTestBundles ??= Promise.all(
    Object.entries(processes).map(([name, file]) =>
      build({
        ...nodeBundle,
        entryPoints: [path.join(import.meta.dirname, file)],
        outfile: bundledFile(name),
        sourcemap: "inline",
      }),
    ),
  );
  await place.usherTestBundles;
}
