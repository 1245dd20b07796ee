import { describe, expect, it } from "vitest";
import { readDescription } from "@/lib/chat/built-in-model/tool-profile";
import { createToolbox, describeTool, type ToolboxServer } from "@/lib/chat/tool-calls/toolbox";
import { undecided } from "./catalogues";

function tool(name: string, more: object = {}) {
  return { name, title: null, description: null, inputSchema: {}, annotations: {}, ...more };
}

function server(serverName: string, tools: unknown, more: Partial<ToolboxServer> = {}) {
  return {
    serverId: `id-${serverName}`,
    serverName,
    allTools: true,
    decisions: undecided,
    toolNames: [],
    catalogue: tools,
    ...more,
  };
}

const names = (...servers: ToolboxServer[]) => createToolbox(servers).tools.map(({ name }) => name);

describe("a toolbox", () => {
  it("names tools after their server and their own name", () => {
    expect(names(server("Team Handbook", [tool("read_file"), tool("list-files")]))).toEqual([
      "team_handbook__read_file",
      "team_handbook__list-files",
    ]);
  });

  it("gives every tool a unique name that models accept, whatever the servers write", () => {
    const long = "x".repeat(90);
    const found = names(
      server("Büro", [tool("lies.datei"), tool("lies datei"), tool("読む"), tool("書く")]),
      server("büro!", [tool("lies datei")]),
      server(long, [tool(long), tool(`${long}y`)]),
    );
    expect(new Set(found).size).toBe(found.length);
    for (const name of found) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  // microsoft/mcp#842
  it("cuts a long server name before the tool's, also where two servers share it", () => {
    const longTool = "azmcp_virtualdesktop_hostpool_sessionhost_usersession-list";
    expect(names(server("AzureMCP-AllTools", [tool(longTool)]))).toEqual([`azur__${longTool}`]);
    const shared = "a_tool_with_a_name_of_forty_five_letters_here";
    const found = names(
      server("Documents of the sales team", [tool(shared)]),
      server("Documents of the support team", [tool(shared)]),
    );
    expect(new Set(found).size).toBe(2);
    for (const name of found) expect(name).toMatch(new RegExp(`^documents\\w*__${shared}_\\w{6}$`));
  });

  it("keeps a name when other tools come and go", () => {
    const twins = [tool("a b"), tool("a.b")];
    const [first] = names(server("S", twins));
    const [, again] = names(server("S", [tool("z"), ...twins]));
    expect(again).toBe(first);
  });

  it("contains what the assistant may call and nothing else", () => {
    const toolbox = createToolbox([
      server("Files", [tool("read"), tool("delete")], { allTools: false, toolNames: ["read"] }),
    ]);
    expect(toolbox.byName("files__read")).toMatchObject({ toolName: "read" });
    expect(toolbox.byName("files__delete")).toBeNull();
    expect(toolbox.byName("read")).toBeNull();
    expect(toolbox.byName("__proto__")).toBeNull();
    expect(toolbox.find("id-Files", "delete")).toBeNull();
    expect(toolbox.find("id-Other", "read")).toBeNull();
  });

  it("omits what cannot be read as a tool, and keeps the rest", () => {
    expect(names(server("S", [null, { name: 1 }, tool("good"), tool("good")]))).toEqual([
      "s__good",
    ]);
    expect(names(server("S", null))).toEqual([]);
  });

  it("assumes that a tool changes things unless it says that it only reads", () => {
    const { tools } = createToolbox([
      server("S", [
        tool("a", { annotations: { readOnlyHint: true } }),
        tool("b", { annotations: { readOnlyHint: false } }),
        tool("c"),
      ]),
    ]);
    expect(tools.map(({ readOnly }) => readOnly)).toEqual([true, false, false]);
  });

  it("describes a tool so that its server and title can be read back", () => {
    const [entry] = createToolbox([
      server("My (own)\nserver", [tool("t", { title: "Do it", description: "Line 1\nLine 2" })]),
    ]).tools;
    if (!entry) throw new Error("no tool");
    expect(readDescription(entry.name, describeTool(entry))).toEqual({
      serverName: "My (own) server",
      title: "Do it",
      description: "Line 1\nLine 2",
    });
  });
});
