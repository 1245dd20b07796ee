// Which port `npm start`, `npm run demo` and `npm run dev` listen on, and why they cannot.

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { parseArgs, parseEnv } from "node:util";
import { checkEnvFiles, envFiles } from "./env-files.mjs";

/**
 * The environment's, as Next reads it; otherwise that of `.env`, which Next reads too late for it.
 * @returns {string | null} as written
 */
export function portVariable(env = process.env) {
  const set = env.PORT?.trim();
  if (set) return set;
  checkEnvFiles();
  for (const file of envFiles) {
    const text = existsSync(file) ? readFileSync(file, "utf8").replace(/^\ufeff/, "") : "";
    const value = parseEnv(text).PORT?.trim();
    if (value) return value;
  }
  return null;
}

/**
 * @param {string} text
 * @param {string} name where it was written
 * @returns {number}
 * @throws {Error} a sentence to show
 */
export function readPort(text, name) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`${name} must be a port: a whole number from 1 to 65535.`);
}

/**
 * The arguments for `next start`, with our defaults where none are given.
 * @param {string[]} args
 */
export function listenOptions(args, env = process.env) {
  const { values } = parseArgs({
    args,
    strict: false,
    options: { port: { type: "string", short: "p" }, hostname: { type: "string", short: "H" } },
  });
  const hostname = typeof values.hostname === "string" ? values.hostname : "127.0.0.1";
  if (typeof values.port === "string") return { hostname, port: readPort(values.port, "--port") };
  const variable = portVariable(env);
  return { hostname, port: variable === null ? 3000 : readPort(variable, "PORT") };
}

/**
 * @returns {Promise<string | null>} a sentence; null: it is free
 */
export function portProblem(port, hostname) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(inWords(error.code, port, hostname)));
    server.listen({ port, host: hostname, exclusive: true }, () =>
      server.close(() => resolve(null)),
    );
  });
}

function inWords(code, port, hostname) {
  if (code === "EADDRINUSE") {
    return `Port ${port} is taken by another program. Set PORT to another one, such as PORT=${port === 3000 ? 3001 : 3000}.`;
  }
  if (code === "EACCES") {
    return `This user may not listen on port ${port}. Set PORT to one above 1023, such as PORT=3000.`;
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `${hostname} is not an address of this machine. Correct --hostname.`;
  }
  return `Port ${port} on ${hostname} cannot be used (${code}). Set PORT to another one.`;
}
