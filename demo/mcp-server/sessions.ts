import { randomUUID } from "node:crypto";
import {
  type AuthInfo,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";

export interface McpSessions {
  serve(request: Request, authInfo: AuthInfo | undefined): Promise<Response>;
  readonly open: number;
  /** Forgets them all, like a restart: a client that continues with one is answered with 404. */
  close(): Promise<void>;
}

/**
 * Serves MCP 2025-11-25 and older with sessions: one `initialize`, then its `Mcp-Session-Id`.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export function mcpSessions(newServer: () => McpServer): McpSessions {
  const sessions = new Map<
    string,
    { transport: WebStandardStreamableHTTPServerTransport; owner: string | undefined }
  >();
  return {
    serve: async (request, authInfo) => {
      const owner = accountIdOf(authInfo);
      const id = request.headers.get("mcp-session-id");
      const session = id === null ? undefined : sessions.get(id);
      // A session id is not a credential: it does not admit another account.
      if (id !== null && session?.owner !== owner) {
        return Response.json(
          { jsonrpc: "2.0", error: { code: -32001, message: "Session not found" }, id: null },
          { status: 404 },
        );
      }
      const transport = session?.transport ?? (await newSession(owner));
      return transport.handleRequest(request, { authInfo });
    },
    get open() {
      return sessions.size;
    },
    close: async () => {
      const closing = [...sessions.values()];
      sessions.clear();
      await Promise.all(closing.map(({ transport }) => transport.close()));
    },
  };

  async function newSession(owner: string | undefined) {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, { transport, owner });
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
      },
    });
    await newServer().connect(transport);
    return transport;
  }
}

function accountIdOf(authInfo: AuthInfo | undefined): string | undefined {
  const account = authInfo?.extra?.account as { id: string } | undefined;
  return account?.id;
}
