// Runs commands one after another and reports each by name, with its time.

import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} command a JavaScript file of `node_modules` or `scripts`, run by
 *   this Node, or a program; and its arguments
 * @property {boolean} [live] its output is shown as it arrives, not only on failure
 */

/**
 * @param {Step} step
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function runStep({ name, command, live = false }, env = process.env) {
  const startedAt = performance.now();
  if (live) console.log(`\n▸ ${name}`);
  const { code, output } = await run(command, { env, live });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? "✓" : "✗"} ${name} (${seconds} s)`);
  if (code !== 0 && !live) console.log(output.trimEnd().replace(/^/gm, "    "));
  return code === 0;
}

/**
 * @param {Step["command"]} command
 * @param {{ env?: NodeJS.ProcessEnv, live?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
function run([program, ...rest], { env, live }) {
  const isScript = /^(node_modules|scripts)\//.test(program);
  const file = isScript ? process.execPath : program;
  const args = isScript ? [path.join(root, program), ...rest] : rest;
  return new Promise((resolve) => {
    let output = "";
    const stdio = ["ignore", live ? "inherit" : "pipe", live ? "inherit" : "pipe"];
    const child = spawn(file, args, { cwd: root, env, stdio });
    const collect = (bytes) => {
      output += bytes;
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
