import { InsufficientScopeError } from "@/lib/errors";
import type { McpConnections, McpToolResult } from "@/lib/mcp/connections";
import type { EndpointCache } from "@/lib/servers/open-endpoint";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { stepUp } from "./step-up";
import { targetFor } from "./target";

export interface ToolCall {
  serverId: string;
  toolName: string;
  input: Record<string, unknown>;
  user: { id: string };
  signal: AbortSignal;
  /** This very call has led to a consent to more scopes before: it leads to no second one. */
  steppedUp?: boolean;
}

/**
 * Calls a tool with the bearer token of the right account.
 * @throws StepUpRequiredError | AuthorizationRequiredError | TryLaterError | UnreachableError | McpServerError | NotFoundError
 */
export async function callTool(
  ctx: RefreshContext & { mcp: McpConnections; endpointCache: EndpointCache },
  call: ToolCall,
): Promise<McpToolResult> {
  const target = await targetFor(ctx, call.serverId, call.user.id);
  const { toolName: name, input, signal, steppedUp = false } = call;
  const result = await ctx.mcp
    .callTool(target, { name, input, signal })
    .catch(async (error: unknown) => {
      if (!(error instanceof InsufficientScopeError)) throw error;
      throw await stepUp(ctx, target, error, steppedUp);
    });
  await target.bearer?.accepted?.();
  return result;
}
