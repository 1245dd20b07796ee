import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings } from "@/scripts/demo/settings.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "usher-ports-"));
let taken: Server;
let port: number;

beforeAll(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  ({ port } = taken.address() as { port: number });
});
afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `npm start`, in a folder without a build. */
function start(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(
      process.execPath,
      [path.resolve("scripts/start.mjs"), ...args],
      { cwd: folder, env: { PATH: process.env.PATH, NODE_ENV: "production", ...env } },
      (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, said: (stdout + stderr).trim() }),
    );
  });
}

describe("npm start says in one sentence", () => {
  it.each([
    ["which port is taken", [], () => ({ PORT: `${port}` })],
    ["which port of its arguments is taken", () => ["--port", `${port}`], () => ({})],
    ["which port is taken, in short", () => ["-p", `${port}`], () => ({ PORT: "3000" })],
  ])("%s", async (_, args, env) => {
    expect(await start(typeof args === "function" ? args() : args, env())).toEqual({
      code: 1,
      said: `Port ${port} is taken by another program. Set PORT to another one, such as PORT=3000.`,
    });
  });

  it.each(["abc", "99999", "-1", "80.5", "0x50"])("that PORT=%s is not a port", async (value) => {
    const { said } = await start([], { PORT: value });
    expect(said).toBe("PORT must be a port: a whole number from 1 to 65535.");
  });

  it("that .env is a folder, and reads PORT from one with a byte order mark", async () => {
    const file = path.join(folder, ".env");
    mkdirSync(file);
    expect((await start([], { PORT: "3000" })).said).toMatch(/^\.env is a folder\. Remove it/);
    rmSync(file, { recursive: true });
    writeFileSync(file, "\ufeffPORT=abc\r\n");
    expect((await start([])).said).toMatch(/^PORT must be a port/);
    rmSync(file);
  });

  it("that there is no build", async () => {
    const { said } = await start([], { PORT: "0 " });
    expect(said).toBe('Usher is not built yet. Run "npm run build" first.');
  });

  it("that --port is not a port, and that --hostname is not an address of this machine", async () => {
    expect((await start(["--port", "abc"])).said).toBe(
      "--port must be a port: a whole number from 1 to 65535.",
    );
    expect((await start(["--hostname", "192.0.2.1"])).said).toBe(
      "192.0.2.1 is not an address of this machine. Correct --hostname.",
    );
  });

  it("which port from .env is taken, which Next would not have read", async () => {
    writeFileSync(path.join(folder, ".env"), `PORT=${port}\n`);
    expect((await start([])).said).toContain(`Port ${port} is taken`);
    rmSync(path.join(folder, ".env"));
  });
});

describe("npm run demo and npm run dev", () => {
  const withPort = async (value: string | undefined) => {
    const said: string[] = [];
    const before = process.env.PORT;
    if (value === undefined) delete process.env.PORT;
    else process.env.PORT = value;
    try {
      const { ports } = await loadSettings(path.join(folder, "demo"), (line: string) =>
        said.push(line),
      );
      return { ports, said };
    } finally {
      if (before === undefined) delete process.env.PORT;
      else process.env.PORT = before;
    }
  };

  it("use the port that PORT names, and say in one sentence that it is taken", async () => {
    await expect(withPort(`${port}`)).rejects.toThrow(
      new Error(
        `Port ${port} is taken by another program. Set PORT to another one, such as PORT=3000.`,
      ),
    );
    await expect(withPort("abc")).rejects.toThrow(/^PORT must be a port/);
  });

  it("move away from a taken port that no one chose, and say how to choose", async () => {
    const { ports } = await withPort(undefined);
    const file = path.join(folder, "demo", "demo.json");
    writeFileSync(file, JSON.stringify({ ports: { ...ports, app: port } }));
    const moved = await withPort(undefined);
    expect(moved.ports.app).toBeGreaterThan(port);
    expect(moved.said).toContain(
      `Port ${port} is taken; the app takes ${moved.ports.app} instead. PORT chooses another one.`,
    );
  });
});
