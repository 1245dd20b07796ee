import { fingerprint } from "@/demo/authorization-server/request-log";

/** One HTTP request that an MCP server saw. Contains no secret. */
export interface SeenMcpRequest {
  readonly at: Date;
  readonly httpMethod: string;
  /** Such as `tools/call`; null if it contained no JSON-RPC request. */
  readonly rpcMethod: string | null;
  /** For a `tools/call`. */
  readonly toolName: string | null;
  readonly protocolVersion: string | null;
  /** Enough of the hash of `Authorization` to distinguish two tokens; null if there was none. */
  readonly authorizationHash: string | null;
  /** The token's `sub`, once it was found valid. */
  account: string | null;
  /** Set once the response began. */
  status: number | null;
}

export async function seenMcpRequest(request: Request): Promise<SeenMcpRequest> {
  const message = await jsonRpcMessage(request);
  const authorization = request.headers.get("authorization");
  return {
    at: new Date(),
    httpMethod: request.method,
    rpcMethod: message?.method ?? null,
    toolName: message?.method === "tools/call" ? (message.params?.name ?? null) : null,
    protocolVersion: request.headers.get("mcp-protocol-version"),
    authorizationHash: authorization === null ? null : fingerprint(authorization),
    account: null,
    status: null,
  };
}

async function jsonRpcMessage(
  request: Request,
): Promise<{ method?: string; params?: { name?: string } } | null> {
  try {
    return request.body ? await request.clone().json() : null;
  } catch {
    return null;
  }
}
