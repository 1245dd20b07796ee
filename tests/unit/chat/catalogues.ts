import type { LanguageModelV3FunctionTool } from "@ai-sdk/provider";
import type { ToolDecisions } from "@/lib/assistants/accepted-tools";
import { createToolbox, describeTool } from "@/lib/chat/tool-calls/toolbox";

type Properties = Record<string, Record<string, unknown>>;

function tool(
  name: string,
  title: string | null,
  description: string,
  properties: Properties = {},
  required: string[] = [],
  readOnly = true,
) {
  return {
    name,
    title,
    description,
    inputSchema: { type: "object", properties, required },
    annotations: { readOnlyHint: readOnly },
  };
}

const path = { type: "string", description: "Path of the file, from the root folder" };

/** A file server, with the names and descriptions that many servers use. */
export const files = [
  tool("list_files", "List files", "Lists the files of the folder.", {
    folder: { type: "string", description: "Folder to list; the root where absent" },
    recursive: { type: "boolean", description: "Go into folders" },
  }),
  tool("read_file", "Read file", "Returns the contents of one file.", { path }, ["path"]),
  tool(
    "search_files",
    "Search files",
    "Finds lines that contain a text in all files.",
    { query: { type: "string", description: "Text to find" }, limit: { type: "integer" } },
    ["query"],
  ),
  tool(
    "write_file",
    "Write file",
    "Saves a file. An existing one is replaced.",
    { path, content: { type: "string", description: "What the file is to hold" } },
    ["path", "content"],
    false,
  ),
  tool("delete_file", "Delete file", "Deletes a file for good.", { path }, ["path"], false),
  tool("whoami", "Who am I", "Tells which account the server sees."),
];

export const tracker = [
  tool(
    "create_issue",
    "Create issue",
    "Opens a new issue in a project.",
    {
      title: { type: "string" },
      priority: { type: "string", enum: ["low", "medium", "high"] },
      assignee: { type: "string", format: "email" },
      dueDate: { type: "string", format: "date" },
    },
    ["title", "priority"],
    false,
  ),
  tool(
    "getIssue",
    "Get issue",
    "Returns one issue by its number.",
    { number: { type: "integer" } },
    ["number"],
  ),
  tool(
    "list-issues",
    "List issues",
    "Lists issues by state.",
    { state: { type: "string", enum: ["open", "closed"] }, limit: { type: "integer" } },
    ["state"],
  ),
  tool("get_weather", null, "Current weather of a city", { city: { type: "string" } }, ["city"]),
  tool(
    "add",
    "Add two numbers",
    "Returns the sum.",
    { a: { type: "number" }, b: { type: "number" } },
    ["a", "b"],
  ),
  tool(
    "send_email",
    "Send e-mail",
    "Sends a message to somebody.",
    {
      to: { type: "string", format: "email" },
      subject: { type: "string" },
      body: { type: "string" },
    },
    ["to", "body"],
    false,
  ),
];

export type Served = { name: string; tools: unknown[] };

/** No decision on any tool. */
export const undecided: ToolDecisions = { toolsAcceptedAt: null, tools: [] };

/** The tools as given to a model. */
export function asModelTools(...servers: Served[]): LanguageModelV3FunctionTool[] {
  const toolbox = createToolbox(
    servers.map(({ name, tools }) => ({
      serverId: `id of ${name}`,
      serverName: name,
      allTools: true,
      toolNames: [],
      decisions: undecided,
      catalogue: tools,
    })),
  );
  return toolbox.tools.map((entry) => ({
    type: "function",
    name: entry.name,
    description: describeTool(entry),
    inputSchema: entry.inputSchema,
  }));
}
