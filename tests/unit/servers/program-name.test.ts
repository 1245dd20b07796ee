import { describe, expect, test } from "vitest";
import { programName } from "@/lib/servers/program-name";

describe("the address of a stdio server", () => {
  test.each([
    [
      "npx",
      ["-y", "@modelcontextprotocol/server-filesystem", "/data"],
      "@modelcontextprotocol/server-filesystem",
    ],
    ["npx", ["--yes", "--package=@acme/tools@1.2.3", "acme-mcp"], "@acme/tools@1.2.3"],
    ["npx", ["-p", "mcp-one", "one"], "mcp-one"],
    ["C:\\node\\npx.cmd", ["-y", "mcp-two"], "mcp-two"],
    ["npm", ["exec", "--", "mcp-three"], "mcp-three"],
    ["pnpm", ["dlx", "mcp-four"], "mcp-four"],
    ["bun", ["x", "mcp-five"], "mcp-five"],
    ["uvx", ["--from", "mcp-six", "six", "--key", "s3cret"], "mcp-six"],
    ["uv", ["tool", "run", "mcp-seven"], "mcp-seven"],
    ["uv", ["run", "--directory", "/srv/eight", "eight.py"], "eight.py"],
    ["docker", ["run", "-i", "--rm", "-e", "TOKEN", "ghcr.io/acme/mcp:1"], "ghcr.io/acme/mcp:1"],
    ["/usr/bin/node", ["/opt/x/node_modules/@acme/mcp/dist/index.js"], "@acme/mcp"],
    ["node", ["--require", "./a.js", "/opt/x/node_modules/plain/index.js"], "plain"],
    ["node", ["server/main.mjs"], "server/main.mjs"],
    ["python3", ["-m", "mcp_server_git"], "mcp_server_git"],
    ["java", ["-jar", "server.jar"], "server.jar"],
    ["deno", ["run", "--allow-net", "server.ts"], "server.ts"],
    ["/opt/acme/bin/acme-mcp", ["--key", "s3cret"], "/opt/acme/bin/acme-mcp"],
  ])("%s %j is %s", (command, args, name) => {
    expect(programName(command, args)).toBe(name);
  });

  test.each([
    ["npx", ["https://user:s3cret@example.com/x.tgz?key=s3cret"]],
    ["node", ["-e", "const key = 's3cret'"]],
    ["npx", ["-c", "KEY=s3cret mcp"]],
    ["node", []],
    ["npm", ["start", "s3cret"]],
    ["constructor", ["s3cret"]],
  ])("%s %j is the program alone, which contains no secret", (command, args) => {
    expect(programName(command, args)).toBe(command);
  });
});
