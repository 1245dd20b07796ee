import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readKeySource } from "@/lib/vault/key-source";

const folder = mkdtempSync(path.join(tmpdir(), "usher-key-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
}

function program(name: string, lines: string): string {
  const at = file(name, `#!/bin/sh\n${lines}\n`);
  chmodSync(at, 0o700);
  return at;
}

describe("a key", () => {
  it("comes from the variable itself", () => {
    expect(readKeySource({ KEY: " abc " }, "KEY")).toEqual({ value: "abc" });
  });

  it("comes from a file, without the line break at its end", () => {
    const KEY_FILE = file("key", "abc\n");
    expect(readKeySource({ KEY_FILE }, "KEY")).toEqual({ value: "abc" });
  });

  it("comes from a program's output, given its arguments and the environment", () => {
    const print = program("print", 'echo "$1-$2-$REGION"');
    const variables = { KEY_COMMAND: `${print} a  b`, REGION: "eu", PATH: process.env.PATH };
    expect(readKeySource(variables, "KEY")).toEqual({ value: "a-b-eu" });
  });

  it("is not run through a shell", () => {
    const print = program("arguments", 'echo "$*"');
    const KEY_COMMAND = `${print} $HOME ; id | cat "a`;
    expect(readKeySource({ KEY_COMMAND }, "KEY")).toEqual({ value: '$HOME ; id | cat "a' });
  });

  it("is missing if none of the three is set", () => {
    expect(readKeySource({}, "KEY")).toEqual({ value: undefined });
  });

  it.each([
    ["a missing file", () => ({ KEY_FILE: path.join(folder, "none") }), "KEY_FILE"],
    ["an empty file", () => ({ KEY_FILE: file("empty", "\n") }), "KEY_FILE"],
    ["a missing program", () => ({ KEY_COMMAND: "/no/such/program" }), "KEY_COMMAND"],
    [
      "a program that fails after it printed a secret",
      () => ({ KEY_COMMAND: program("fail", "echo canary; echo canary >&2; exit 3") }),
      "KEY_COMMAND",
    ],
    ["two of the three", () => ({ KEY: "canary", KEY_FILE: file("two", "canary") }), "KEY_FILE"],
  ])("is rejected for %s, by the variable's name and without what was read", (_, make, name) => {
    const { problem } = readKeySource(make(), "KEY");
    expect(problem).toContain(name);
    expect(problem).not.toContain("canary");
  });
});
