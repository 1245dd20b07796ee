import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { openLoopbackListener } from "@/demo/loopback-listener";

/** An MCP server that accepts any token and repeats it wherever it can. */
export async function startEchoingMcpServer(): Promise<{
  url: string;
  /** Bearer tokens received. */
  tokens: readonly string[];
  close(): Promise<void>;
}> {
  const listener = await openLoopbackListener();
  const tokens: string[] = [];
  const handler = createMcpHandler(() => {
    const token = tokens.at(-1) ?? "none";
    const about = { name: `Echo ${token}`, version: token, title: `Echo ${token}` };
    const server = new McpServer(about, { instructions: `You are ${token}.` });
    const tool = {
      description: `Says ${token}`,
      inputSchema: z.object({ text: z.string().optional().describe(token) }),
      annotations: { readOnlyHint: true },
    };
    server.registerTool("whoami", { ...tool, title: `Who am I, ${token}` }, async () => ({
      content: [
        { type: "text", text: `Authorization: Bearer ${token}` },
        { type: "text", text: `${"x".repeat(1024 * 1024 - 60)}${token}` },
        { type: "resource_link", uri: `https://example.com/?token=${token}`, name: token },
        {
          type: "resource",
          resource: { uri: `file:///${token}`, text: JSON.stringify({ token }) },
        },
      ],
      structuredContent: { [token]: [{ deep: { token } }] },
    }));
    server.registerTool("fail_with_token", tool, async () => ({
      isError: true,
      content: [{ type: "text", text: `The token ${token} may not do that.` }],
    }));
    server.registerTool("break_with_token", tool, async () => {
      throw new Error(`Broke with ${token}`);
    });
    return server;
  });
  const serve = async (request: Request): Promise<Response> => {
    const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (!token) return Response.json({ error: "invalid_token" }, { status: 401 });
    tokens.push(token);
    return handler.fetch(request);
  };
  listener.serve(toNodeHandler({ fetch: serve }));
  return {
    url: `${listener.url}/mcp`,
    tokens,
    close: async () => {
      await handler.close();
      await listener.close();
    },
  };
}
