import { expect, it } from "vitest";
import { chooseTool } from "@/lib/chat/built-in-model/choose-tool";
import { profileTool } from "@/lib/chat/built-in-model/tool-profile";
import { exampleRequests } from "@/lib/chat/examples/example-requests";
import { createToolbox, describeTool } from "@/lib/chat/tool-calls/toolbox";
import { files, tracker, undecided } from "../catalogues";

function server(serverName: string, catalogue: unknown) {
  return {
    serverId: serverName,
    serverName,
    allTools: true,
    toolNames: [],
    decisions: undecided,
    catalogue,
  };
}

it("suggests at most three things, from each server in turn, easy and harmless ones first", () => {
  const examples = exampleRequests(
    createToolbox([server("Personal Files", files), server("Issue Tracker", tracker)]),
  );
  expect(examples).toHaveLength(3);
  expect(examples[0]).toBe("List files in Personal Files");
  expect(examples[1]).toMatch(/in Issue Tracker/);
  expect(examples.join(" ")).not.toMatch(/write|delete|who am I/i);
});

it("suggests what the built-in assistant can do without further input", () => {
  const toolbox = createToolbox([server("Personal Files", files)]);
  const profiles = toolbox.tools.map((tool) =>
    profileTool({
      name: tool.name,
      description: describeTool(tool),
      inputSchema: tool.inputSchema,
    }),
  );
  for (const example of exampleRequests(toolbox)) {
    expect(chooseTool(profiles, example, new Date(0), "").kind, example).toBe("call");
  }
});

it("suggests nothing if there are no tools", () => {
  expect(exampleRequests(createToolbox([]))).toEqual([]);
});
