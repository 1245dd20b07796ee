import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { McpConnections } from "@/lib/mcp/connections";
import type { McpTarget } from "@/lib/mcp/target";
import { fixtureConnections, httpTarget, until } from "@/tests/support/mcp-fixture";
import { STDIO_SERVER } from "@/tests/support/mcp-servers";

let folder = "";
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-stdio-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

function connections(deps: Parameters<typeof fixtureConnections>[0] = {}): McpConnections {
  const made = fixtureConnections(deps);
  closing.push(made.close);
  return made;
}

function stdioTarget(
  changes: {
    command?: string;
    args?: readonly string[];
    environment?: Record<string, string>;
  } = {},
): McpTarget {
  return httpTarget("", {
    serverName: "Calculator",
    endpoint: { transport: "STDIO", ...STDIO_SERVER, environment: {}, ...changes },
  });
}

/** An older server in plain JavaScript, which also writes down its process id. */
async function olderServer(body: string): Promise<McpTarget> {
  const script = path.join(folder, "server.mjs");
  await writeFile(
    script,
    `import fs from "node:fs";
import readline from "node:readline";
const pidFile = ${JSON.stringify(path.join(folder, "pids"))};
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    fs.appendFileSync(pidFile, process.pid + "\\n");
    say({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "Older", version: "1" } } });
  } else if (method === "tools/call") {
    ${body}
  } else if (id !== undefined) {
    say({ id, error: { code: -32601, message: "Method not found" } });
  }
});`,
  );
  return stdioTarget({ command: process.execPath, args: [script] });
}

async function pids(): Promise<number[]> {
  const text = await readFile(path.join(folder, "pids"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(Number);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const answerPid = `say({ id, result: { content: [{ type: "text", text: String(process.pid) }] } });`;

describe("a stdio server", () => {
  test("answers with a result and structured content", async () => {
    const mcp = connections();

    await expect(
      mcp.callTool(stdioTarget(), { name: "add_numbers", input: { a: 2, b: 3 } }),
    ).resolves.toEqual({
      content: [{ type: "text", text: "5" }],
      structuredContent: { sum: 5 },
      isError: false,
      truncated: false,
    });
    const { tools, era } = await mcp.readCatalogue(stdioTarget());
    expect(tools.map(({ name }) => name)).toEqual(["add_numbers", "describe_environment"]);
    expect(era.era).toBe("modern");
  });

  test("receives PATH and the variables of its configuration, and none of Usher's own", async () => {
    const { structuredContent } = await connections().callTool(
      stdioTarget({ environment: { PRACTICE_GREETING: "Hello", API_KEY: "k" } }),
      { name: "describe_environment", input: {} },
    );

    expect(Object.keys(process.env).length).toBeGreaterThan(3);
    expect(structuredContent).toEqual({
      greeting: "Hello",
      names: ["API_KEY", "PATH", "PRACTICE_GREETING"],
    });
  });

  test("receives its arguments without a shell in between", async () => {
    const canary = path.join(folder, "canary");
    const target = await olderServer(
      `say({ id, result: { content: [{ type: "text", text: process.argv[2] }] } });`,
    );
    if (target.endpoint.transport !== "STDIO") throw new Error("Not stdio.");
    const argument = `; touch ${canary} && $(touch ${canary})`;

    const result = await connections().callTool(
      { ...target, endpoint: { ...target.endpoint, args: [...target.endpoint.args, argument] } },
      { name: "any", input: {} },
    );

    expect(result.content).toEqual([{ type: "text", text: argument }]);
    await expect(readFile(canary)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("of the older kind is started once for many calls, and ends when it is closed", async () => {
    const target = await olderServer(answerPid);
    const mcp = connections();

    const answers = [];
    for (let call = 0; call < 3; call++) {
      answers.push((await mcp.callTool(target, { name: "any", input: {} })).content[0]);
    }

    const started = await pids();
    expect(started).toHaveLength(1);
    expect(answers).toEqual(Array(3).fill({ type: "text", text: String(started[0]) }));
    expect(started.every(runs)).toBe(true);
    await mcp.close();
    expect(started.some(runs)).toBe(false);
  });

  test("that refuses to end is killed", async () => {
    const target = await olderServer(`process.on("SIGTERM", () => {});
    setInterval(() => {}, 1_000);
    ${answerPid}`);
    const mcp = connections();
    await mcp.callTool(target, { name: "any", input: {} });
    const started = await pids();

    await mcp.close();

    await until(() => !started.some(runs));
  });

  test("ends after a period without use, and is started again when needed", async () => {
    const target = await olderServer(answerPid);
    let now = Date.parse("2026-01-01T00:00:00Z");
    const mcp = connections({ idleMs: 100, now: () => new Date(now) });
    await mcp.callTool(target, { name: "any", input: {} });
    const [first = 0] = await pids();

    now += 1_000;
    await until(() => !runs(first));

    await mcp.callTool(target, { name: "any", input: {} });
    expect(await pids()).toHaveLength(2);
  });

  test("runs in its own folder, not in Usher's or another server's", async () => {
    const where = `say({ id, result: { content: [{ type: "text", text: process.cwd() }] } });`;
    const target = await olderServer(where);
    const mcp = connections();
    const folderOf = async (serverId: string) => {
      const { content } = await mcp.callTool({ ...target, serverId }, { name: "any", input: {} });
      const [piece] = content;
      return piece?.type === "text" ? piece.text : "";
    };

    const [first, second] = [await folderOf("one"), await folderOf("two")];

    expect(new Set([first, second, process.cwd()]).size).toBe(3);
    expect([path.basename(first), path.basename(second)]).toEqual(["one", "two"]);
    expect((await stat(first)).mode & 0o077).toBe(0);
  });

  // A program that holds a lock, a port or a browser's profile allows only one instance.
  test("is ended before a test of the connection starts it again", async () => {
    const slowToEnd = "process.stdin.on('end', () => setTimeout(() => process.exit(), 1_000));";
    const target = await olderServer(`${slowToEnd} setInterval(() => {}, 500); ${answerPid}`);
    const mcp = connections();
    await mcp.callTool(target, { name: "any", input: {} });
    const [first = 0] = await pids();
    const atStart: boolean[] = [];

    await mcp
      .readCatalogue(target, { onConnected: () => atStart.push(runs(first)) })
      .catch(() => {});

    const started = await pids();
    expect(started).toHaveLength(2);
    expect(atStart).toEqual([false]);
  });

  test("that ends during a call reports its last words, without its secrets", async () => {
    const target = await olderServer(
      `process.stderr.write("Fatal:\\n cannot read with key " + process.env.API_KEY + "\\n"); process.exit(1);`,
    );
    if (target.endpoint.transport !== "STDIO") throw new Error("Not stdio.");
    const environment = { API_KEY: "sk-very-secret" };
    const mcp = connections();

    await expect(
      mcp.callTool(
        { ...target, endpoint: { ...target.endpoint, environment } },
        { name: "any", input: {} },
      ),
    ).rejects.toMatchObject({
      code: "unreachable",
      reason: "reset",
      userMessage:
        "The process of Calculator ended (exit code 1). It wrote: “Fatal: cannot read with key [removed]” The call may have run; look before you try again.",
    });
  });

  test("whose answer is one endless line is ended, and the reason says so", async () => {
    const target = await olderServer(
      `const piece = "x".repeat(1024 * 1024);
       for (let at = 0; at < 18; at++) process.stdout.write(piece);`,
    );
    const calling = connections().callTool(target, { name: "any", input: {} });
    await expect(calling).rejects.toMatchObject({
      code: "unreachable",
      userMessage: expect.stringContaining(
        "it wrote a line of more than 16 MiB, so Usher ended it",
      ),
    });
  });

  test("that ends between two calls is started again", async () => {
    const target = await olderServer(answerPid);
    const mcp = connections();
    await mcp.callTool(target, { name: "any", input: {} });
    const [first = 0] = await pids();
    process.kill(first, "SIGKILL");
    await until(() => !runs(first));

    const again = await mcp.callTool(target, { name: "any", input: {} });

    expect(again.content).not.toEqual([{ type: "text", text: String(first) }]);
  });

  test("that ends on startup says why", async () => {
    const target = stdioTarget({
      command: process.execPath,
      args: ["-e", "console.error('No such database'); process.exit(2)"],
    });

    await expect(connections().readCatalogue(target)).rejects.toMatchObject({
      code: "unreachable",
      userMessage: "The process of Calculator ended (exit code 2). It wrote: “No such database”",
    });
  });

  test("whose command does not exist, or may not be run, is reported in helpful words", async () => {
    const script = path.join(folder, "not-executable");
    await writeFile(script, "");

    await expect(
      connections().readCatalogue(stdioTarget({ command: "no-such-command" })),
    ).rejects.toMatchObject({
      code: "mcp_server_error",
      userMessage: expect.stringContaining(
        "The command “no-such-command” of Calculator was not found",
      ),
    });
    await expect(
      connections().readCatalogue(stdioTarget({ command: script })),
    ).rejects.toMatchObject({ userMessage: expect.stringContaining("Make it executable.") });
  });

  test("is told about a cancelled call", async () => {
    const [called, told] = [path.join(folder, "called"), path.join(folder, "told")];
    const target = await olderServer(
      `fs.writeFileSync(${JSON.stringify(called)}, "");
       readline.createInterface({ input: process.stdin }).on("line", (line) => {
         if (line.includes("notifications/cancelled")) fs.writeFileSync(${JSON.stringify(told)}, line);
       });`,
    );
    const stop = new AbortController();
    const mcp = connections();
    const calling = mcp.callTool(target, { name: "any", input: {}, signal: stop.signal });
    calling.catch(() => {});
    await until(() => existsSync(called));
    stop.abort();

    await expect(calling).rejects.toMatchObject({ name: "AbortError" });
    await until(() => existsSync(told));
    const line = await readFile(told, "utf8");
    expect(JSON.parse(line)).toMatchObject({ method: "notifications/cancelled" });
  });
});
