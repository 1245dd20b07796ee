import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether the process was started with this module; false if the module was imported. */
export function isEntryPoint(moduleUrl: string): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(moduleUrl);
}
