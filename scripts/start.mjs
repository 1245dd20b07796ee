// npm start: the built app, on 127.0.0.1 and PORT unless told otherwise. What would stop Next with its own error
// is reported in one sentence. Further arguments go to `next start`.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkEnvFiles } from "./env-files.mjs";
import { listenOptions, portProblem } from "./port.mjs";

const given = process.argv.slice(2);

// Next writes its first lines before Usher's own code runs. See `outliveOutput` in lib/log.ts.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  checkEnvFiles();
  const { port, hostname } = listenOptions(given);
  const problem = await portProblem(port, hostname);
  if (problem !== null) throw new Error(problem);
  if (!existsSync(".next/BUILD_ID")) {
    throw new Error('Usher is not built yet. Run "npm run build" first.');
  }
  const next = fileURLToPath(import.meta.resolve("next/dist/bin/next"));
  const own = ["--hostname", hostname, "--port", `${port}`];
  // In this process, so that signals reach it directly. The last occurrence of an option counts.
  process.argv = [process.execPath, next, "start", ...given, ...own];
  await import(next);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
