import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createProcesses } from "@/scripts/demo/processes.mjs";
import { readableLine } from "@/scripts/demo/readable-log.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "usher-dev-output-"));

describe("the output of a demo process", () => {
  const program = `
    console.log("\\u001b[32mReady in 1 s\\u001b[39m");
    console.error("it broke");
    setTimeout(() => {}, 60_000);`;

  async function started(echoed: boolean): Promise<string[]> {
    const shown: string[] = [];
    const processes = createProcesses({
      root: folder,
      logFolder: folder,
      onUnexpectedEnd: () => {},
      echo: (line: string) => shown.push(line),
    });
    const isReady = (line: string) => line.includes("Ready in");
    await processes.start("app", ["-e", program], {}, isReady, echoed);
    const log = () => readFileSync(path.join(folder, "app.log"), "utf8");
    await expect.poll(log).toContain("it broke");
    expect(log()).toContain("Ready in 1 s\n");
    expect(log()).not.toContain("\u001b");
    await processes.stop();
    return shown;
  }

  it("is shown in the terminal as it is, including errors, for the app in development", async () => {
    expect((await started(true)).toSorted()).toEqual([
      "\u001b[32mReady in 1 s\u001b[39m",
      "it broke",
    ]);
  });

  it("otherwise goes only to its log", async () => {
    expect(await started(false)).toEqual([]);
  });
});

describe("a line of the app's log in the terminal", () => {
  it("has its level, its message and its fields", () => {
    const line = JSON.stringify({
      level: 40,
      time: 1,
      pid: 2,
      hostname: "h",
      serverId: "s",
      msg: "slow",
    });
    expect(readableLine(line)).toBe('warn slow {"serverId":"s"}');
  });

  it("has stacks that name source files, including the causes", () => {
    const chunks = path.join(folder, ".next/dev/server/chunks");
    mkdirSync(chunks, { recursive: true });
    const chunk = path.join(chunks, "[root]__1._.js");
    const source = `file://${process.cwd()}/app/api/boom/route.ts`;
    // AAEQ: column 1 of the chunk is line 3, column 9 of the source.
    const map = { version: 3, sources: [source], names: [], mappings: "AAEQ" };
    writeFileSync(`${chunk}.map`, JSON.stringify(map));
    const stack = `Error: boom\n    at ${chunk}:1:1\n    at async node_modules/next/x.js:5:1`;
    const err = { type: "Error", message: "boom", stack, cause: { type: "Error", stack } };
    const frames =
      "Error: boom\n    at app/api/boom/route.ts:3:9\n    at async node_modules/next/x.js:5:1";
    expect(readableLine(JSON.stringify({ level: 50, msg: "request failed", err }))).toBe(
      `error request failed\n${frames}\ncaused by ${frames}`,
    );
  });

  it("stays as it is if it is not an entry, or its source is not known", () => {
    expect(readableLine('{"level": no JSON')).toBe('{"level": no JSON');
    expect(readableLine("✓ Ready in 1775ms")).toBe("✓ Ready in 1775ms");
    const stack = "Error: x\n    at /usher/.next/dev/server/chunks/gone.js:1:2";
    expect(readableLine(JSON.stringify({ level: 50, msg: "m", err: { stack } }))).toBe(
      `error m\n${stack}`,
    );
  });
});
