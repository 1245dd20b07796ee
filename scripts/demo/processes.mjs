// The processes of the demo: started in order, each ready before the next, all stopped together.

import { spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";

/** The app first finishes its requests to providers. */
const stopWithinMs = 60_000;

/**
 * @param {{
 *   root: string,
 *   logFolder: string,
 *   onUnexpectedEnd: (error: Error) => void,
 *   echo?: (line: string) => void,
 * }} options `echo` is called with each line of a process whose output is shown
 */
export function createProcesses({ root, logFolder, onUnexpectedEnd, echo = () => {} }) {
  const running = [];
  let stopping = null;

  /** Runs to its end. Rejects with the end of its output when it fails. */
  function run(name, args, env = {}) {
    return new Promise((resolve, reject) => {
      const { child, lastLines } = launch(name, args, env);
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        running.splice(running.indexOf(child), 1);
        if (code === 0) resolve();
        else reject(failure(name, code ?? signal, lastLines));
      });
    });
  }

  /** Resolves with the first line that `isReady` accepts. With `echoed`, its output is shown as well. */
  function start(name, args, env, isReady, echoed = false) {
    return new Promise((resolve, reject) => {
      const { child, lines, lastLines } = launch(name, args, env, echoed ? echo : () => {});
      let ready = false;
      lines.on("line", (line) => {
        if (ready || !isReady(line)) return;
        ready = true;
        resolve(line);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        running.splice(running.indexOf(child), 1);
        const error = failure(name, code ?? signal, lastLines);
        if (!ready) reject(error);
        else if (!stopping) onUnexpectedEnd(error);
      });
    });
  }

  function launch(name, args, env, show = () => {}) {
    const logFile = path.join(logFolder, `${name}.log`);
    writeFileSync(logFile, "", { mode: 0o600 });
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // A separate process group: Ctrl-C reaches only this script, which then stops the rest in order.
      detached: true,
    });
    running.push(child);
    const lastLines = [];
    const keep = (coloured) => {
      show(coloured);
      const line = stripVTControlCharacters(coloured);
      appendFileSync(logFile, `${line}\n`);
      lastLines.push(line);
      if (lastLines.length > 15) lastLines.shift();
    };
    const lines = createInterface({ input: child.stdout });
    lines.on("line", keep);
    createInterface({ input: child.stderr }).on("line", keep);
    return { child, lines, lastLines };
  }

  /** The last one started first; any that does not end in time is killed. */
  function stop() {
    stopping ??= (async () => {
      for (const child of [...running].reverse()) await end(child);
    })();
    return stopping;
  }

  return { run, start, stop };
}

function end(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => signal(child, "SIGKILL"), stopWithinMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    signal(child, "SIGTERM");
  });
}

/** The whole group, as `next start` has a process below it. */
function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function failure(name, code, lastLines) {
  return new Error(`${name} ended (${code}):\n${lastLines.join("\n")}`);
}
