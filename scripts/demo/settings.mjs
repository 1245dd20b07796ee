// What the demo keeps between runs: its keys, passwords and ports, readable by this user only.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { portProblem, portVariable, readPort } from "../port.mjs";

const preferredPorts = {
  app: 3000,
  provider: 3401,
  handbook: 3402,
  personal: 3403,
  database: 3404,
  identity: 3405,
  calendar: 3406,
};
const portsToTry = 50;

/**
 * Loads the settings, creates them on the first run, and moves away from ports in use, unless one was
 * chosen with PORT.
 * @throws {Error} a sentence to show
 */
export async function loadSettings(folder, say) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "demo.json");
  const stored = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const secret = (bytes = 32) => randomBytes(bytes).toString("base64");
  const readable = () => randomBytes(12).toString("base64url");
  const settings = {
    secretsEncryptionKey: stored.secretsEncryptionKey ?? secret(),
    nextAuthSecret: stored.nextAuthSecret ?? secret(),
    cronSecret: stored.cronSecret ?? secret(),
    practiceClientSecret: stored.practiceClientSecret ?? secret(),
    identityClientSecret: stored.identityClientSecret ?? secret(),
    adminPassword: stored.adminPassword ?? readable(),
    memberPassword: stored.memberPassword ?? readable(),
    ports: await choosePorts({ ...preferredPorts, ...stored.ports }, say),
  };
  writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  return settings;
}

/** @returns {Promise<Record<string, number>>} */
async function choosePorts({ app: usual, ...others }, say) {
  const chosen = portVariable();
  if (chosen === null) return freePorts({ app: usual, ...others }, say);
  const app = readPort(chosen, "PORT");
  for (const address of ["127.0.0.1", "::1"]) {
    const problem = await portProblem(app, address);
    if (problem !== null && !(await isFree(app))) throw new Error(problem);
  }
  return { app, ...(await freePorts(others, say, [app])) };
}

/** @returns {Promise<Record<string, number>>} */
async function freePorts(wanted, say, taken = []) {
  /** @type {Record<string, number>} */
  const ports = {};
  for (const [name, first] of Object.entries(wanted)) {
    let port = first;
    while (taken.includes(port) || Object.values(ports).includes(port) || !(await isFree(port))) {
      port += 1;
      if (port > first + portsToTry) {
        throw new Error(
          `Ports ${first} to ${port - 1} are all taken. Free one${name === "app" ? ", or set PORT" : ""}.`,
        );
      }
    }
    const hint = name === "app" ? " PORT chooses another one." : "";
    if (port !== first) say(`Port ${first} is taken; the ${name} takes ${port} instead.${hint}`);
    ports[name] = port;
  }
  return ports;
}

/** Both addresses, as a browser may try either for `localhost`. */
async function isFree(port) {
  return (await canListen(port, "127.0.0.1")) && (await canListen(port, "::1"));
}

function canListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) =>
      resolve(error.code !== "EADDRINUSE" && error.code !== "EACCES"),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
