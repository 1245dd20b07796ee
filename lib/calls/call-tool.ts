import type { ToolCallAudit } from "@/lib/audit/tool-calls";
import { InputRequiredError, InsufficientScopeError, UsherError } from "@/lib/errors";
import type { McpConnections, McpToolResult } from "@/lib/mcp/connections";
import type { Elicit } from "@/lib/mcp/elicitation";
import type { McpTarget } from "@/lib/mcp/target";
import type { EndpointCache } from "@/lib/servers/open-endpoint";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { stepUp } from "./step-up";
import { targetFor } from "./target";

export interface ToolCall {
  serverId: string;
  toolName: string;
  input: Record<string, unknown>;
  user: { id: string; email?: string; ipAddress?: string | null };
  assistantId?: string | null;
  conversationId?: string;
  signal: AbortSignal;
  /** This very call has led to a consent to more scopes before: it leads to no second one. */
  steppedUp?: boolean;
  elicit?: Elicit;
  /** Of this very call, when it asked for input before. */
  inputResponses?: Readonly<Record<string, unknown>> | undefined;
  requestState?: string | undefined;
}

type CallContext = RefreshContext & {
  mcp: McpConnections;
  endpointCache: EndpointCache;
  toolCalls: ToolCallAudit;
};

/**
 * Calls a tool with the bearer token of the right account.
 * @throws InputRequiredError | StepUpRequiredError | AuthorizationRequiredError | TryLaterError | UnreachableError | McpServerError | NotFoundError
 */
export async function callTool(ctx: CallContext, call: ToolCall): Promise<McpToolResult> {
  const startedAt = performance.now();
  let target: McpTarget | null = null;
  const audit = (outcome: string) => {
    const { user, serverId, toolName, assistantId = null, conversationId = null } = call;
    ctx.toolCalls.add({
      ...{ actorId: user.id, actorEmail: user.email ?? null, ipAddress: user.ipAddress ?? null },
      ...{ serverId, serverName: target?.serverName ?? null, toolName, assistantId },
      ...{ conversationId, outcome, ownerKey: target?.bearer ? target.ownerKey : null },
      durationMs: Math.round(performance.now() - startedAt),
    });
  };
  try {
    target = await targetFor(ctx, call.serverId, call.user.id);
    const result = await send(ctx, target, call);
    audit(result.isError ? "tool_error" : "answered");
    return result;
  } catch (error) {
    audit(outcomeOf(error, call.signal));
    throw error;
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "cancelled";
  return error instanceof UsherError ? error.code : "internal";
}

async function send(ctx: CallContext, target: McpTarget, call: ToolCall): Promise<McpToolResult> {
  const { toolName: name, input, signal, elicit, inputResponses, requestState } = call;
  const result = await ctx.mcp
    .callTool(target, { name, input, signal, elicit, inputResponses, requestState })
    .catch(async (error: unknown) => {
      if (error instanceof InputRequiredError) await target.bearer?.accepted?.();
      if (!(error instanceof InsufficientScopeError)) throw error;
      throw await stepUp(ctx, target, error, call.steppedUp ?? false);
    });
  await target.bearer?.accepted?.();
  return result;
}
