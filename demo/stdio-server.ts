import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";
import { isEntryPoint } from "./entry-point";

/** A small MCP server over stdin and stdout: `node --import tsx demo/stdio-server.ts`. */
export function stdioServer(environment: Readonly<Record<string, string | undefined>>): McpServer {
  const server = new McpServer(
    { name: "Practice Calculator", version: "1.0.0" },
    { instructions: "Adds numbers, and tells what environment it was started with." },
  );
  const reads = { readOnlyHint: true, destructiveHint: false, openWorldHint: false };
  server.registerTool(
    "add_numbers",
    {
      title: "Add numbers",
      description: "Adds two numbers.",
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { title: "Add numbers", ...reads },
    },
    async ({ a, b }) => ({
      content: [{ type: "text", text: String(a + b) }],
      structuredContent: { sum: a + b },
    }),
  );
  server.registerTool(
    "describe_environment",
    {
      title: "Describe the environment",
      description: "Tells PRACTICE_GREETING and the names of all environment variables.",
      inputSchema: z.object({}),
      outputSchema: z.object({ greeting: z.string().nullable(), names: z.array(z.string()) }),
      annotations: { title: "Describe the environment", ...reads },
    },
    async () => {
      const greeting = environment.PRACTICE_GREETING ?? null;
      const names = Object.keys(environment).sort();
      return {
        content: [{ type: "text", text: greeting ?? "PRACTICE_GREETING is not set." }],
        structuredContent: { greeting, names },
      };
    },
  );
  return server;
}

if (isEntryPoint(import.meta.url)) {
  serveStdio(() => stdioServer(process.env));
}
