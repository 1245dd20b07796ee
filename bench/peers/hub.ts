import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const command = path.join(import.meta.dirname, "../node_modules/mcp-hub/dist/cli.js");

export interface Hub {
  url: string;
  stop(): Promise<void>;
}

/** mcp-hub in front of these MCP servers, each with its token as a fixed header. */
export async function startHub(
  servers: Record<string, { url: string; token: string }>,
): Promise<Hub> {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-bench-hub-"));
  const config = path.join(folder, "servers.json");
  const mcpServers = Object.fromEntries(
    Object.entries(servers).map(([name, { url, token }]) => [
      name,
      { url, headers: { Authorization: `Bearer ${token}` } },
    ]),
  );
  await writeFile(config, JSON.stringify({ mcpServers }));
  const port = await freePort();
  const hub = spawn(process.execPath, [command, "--port", `${port}`, "--config", config], {
    // Its state and its logs, too, go where they leave nothing behind.
    env: { PATH: process.env.PATH, NODE_ENV: "production", HOME: folder, XDG_STATE_HOME: folder },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, Object.keys(servers), hub);
  return {
    url,
    stop: async () => {
      if (hub.exitCode === null) {
        const exited = once(hub, "exit");
        hub.kill("SIGTERM");
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, names: string[], hub: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${url}/api/servers`).catch(() => null);
    const { servers = [] } = answer?.ok
      ? ((await answer.json()) as { servers?: { name: string; status: string }[] })
      : {};
    const connected = servers
      .filter(({ status }) => status === "connected")
      .map(({ name }) => name);
    if (names.every((name) => connected.includes(name))) return;
    if (hub.exitCode !== null || Date.now() > giveUpAt) {
      throw new Error(`mcp-hub did not connect: ${JSON.stringify(servers).slice(0, 500)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (!address || typeof address === "string") throw new Error("No free port was found.");
  return address.port;
}
