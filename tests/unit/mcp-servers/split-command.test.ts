import { describe, expect, it } from "vitest";
import { splitCommand } from "@/components/mcp-servers/form/command-fields";

describe("a command line in the Command field", () => {
  it.each([
    ["npx -y @example/mcp-server", "npx", ["-y", "@example/mcp-server"]],
    ["  uvx  mcp-server-git  ", "uvx", ["mcp-server-git"]],
    ['node server.js --name "two words"', "node", ["server.js", "--name", "two words"]],
    ["node --eval='a b' x", "node", ["--eval=a b", "x"]],
    ['"/opt/My Tools/run" go', "/opt/My Tools/run", ["go"]],
    ["run a\\ b", "run", ["a b"]],
    ['run "a \\"b\\" c"', "run", ['a "b" c']],
    ['run ""', "run", [""]],
  ])("%s is split", (typed, command, args) => {
    expect(splitCommand(typed)).toEqual({ command, args });
  });

  it.each(["", "npx", "/usr/bin/node", '"/opt/My Tools/run"', 'run "open', "   "])(
    "%j stays as it is",
    (typed) => {
      expect(splitCommand(typed)).toBeNull();
    },
  );
});
