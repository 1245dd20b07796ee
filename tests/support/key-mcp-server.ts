import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { openLoopbackListener } from "@/demo/loopback-listener";

export interface KeyMcpServer {
  readonly url: string;
  /** By key: its owner. */
  readonly keys: Map<string, string>;
  /** Headers of every request received, valid or not. */
  readonly heard: readonly Headers[];
  /** Who called, and which tool. */
  readonly toolCalls: readonly string[];
  close(): Promise<void>;
}

/** An MCP server that recognizes people by a key in the header `Authorization` or `X-Api-Key`. */
export async function startKeyMcpServer(keys: Record<string, string>): Promise<KeyMcpServer> {
  const listener = await openLoopbackListener();
  const known = new Map(Object.entries(keys));
  const heard: Headers[] = [];
  const toolCalls: string[] = [];
  const ownerOf = (headers: Headers) => {
    const bearer = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
    return known.get(bearer ?? headers.get("x-api-key") ?? "") ?? null;
  };
  const handlerFor = (owner: string) =>
    createMcpHandler(() => {
      const server = new McpServer({ name: "Keys", version: "1.0.0" });
      const read = { inputSchema: z.object({}), annotations: { readOnlyHint: true } };
      server.registerTool(
        "list_notes",
        { ...read, description: "Lists the notes of the person whose key is sent." },
        async () => {
          toolCalls.push(`${owner} list_notes`);
          return { content: [{ type: "text", text: `The notes of ${owner}.` }] };
        },
      );
      server.registerTool(
        "whoami",
        { ...read, description: "Tells whose key is sent." },
        async () => {
          toolCalls.push(`${owner} whoami`);
          return { content: [{ type: "text", text: owner }] };
        },
      );
      return server;
    });
  const handlers = new Map<string, ReturnType<typeof handlerFor>>();
  const serve = async (request: Request): Promise<Response> => {
    heard.push(new Headers(request.headers));
    const owner = ownerOf(request.headers);
    if (owner === null) return Response.json({ error: "unknown key" }, { status: 401 });
    const handler = handlers.get(owner) ?? handlerFor(owner);
    handlers.set(owner, handler);
    return handler.fetch(request);
  };
  listener.serve(toNodeHandler({ fetch: serve }));
  return {
    url: `${listener.url}/mcp`,
    keys: known,
    heard,
    toolCalls,
    close: async () => {
      await Promise.all([...handlers.values()].map((handler) => handler.close()));
      await listener.close();
    },
  };
}
