import { readAccessOfCall } from "@/lib/access/read-access";
import type { ToolCallAudit, ToolCallEvent } from "@/lib/audit/tool-calls";
import { targetFor } from "@/lib/calls/target";
import type { Role } from "@/lib/contracts/people/person";
import type { Database } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findTokenSet, saveChallengedScope } from "@/lib/db/stored-token-set";
import {
  AuthorizationRequiredError,
  ConflictError,
  InputRequiredError,
  InsufficientScopeError,
  McpServerError,
  NotFoundError,
  StepUpRequiredError,
  UnreachableError,
  UsherError,
} from "@/lib/errors";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { McpConnections, McpToolResult } from "@/lib/mcp/connections";
import type { Elicit } from "@/lib/mcp/elicitation";
import { McpRefusalError } from "@/lib/mcp/errors";
import type { McpTarget } from "@/lib/mcp/target";
import { compareNotices } from "@/lib/notices/notices-changed";
import { recordChallenge } from "@/lib/oauth/recorded-exchange";
import {
  decideStepUp,
  type StepUpDecision,
  scopeDifference,
  scopeToAsk,
  scopeUnion,
} from "@/lib/oauth/scope";
import type { EndpointCache } from "@/lib/servers/open-endpoint";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";

interface RequestedCall {
  serverId: string;
  toolName: string;
  /** Reads the resource at `input.uri` instead of calling a tool. */
  readsResource?: boolean | undefined;
  input: Record<string, unknown>;
  /** From the stored list of tools. */
  inputSchema?: Readonly<Record<string, unknown>> | undefined;
  user: { id: string; role?: Role; email?: string; ipAddress?: string | null };
  /** Which of their accounts the person chose. Null or absent: no choice. */
  account?: string | null;
  assistantId?: string | null;
  conversationId?: string;
  signal: AbortSignal;
  /** This call has already led to a consent for more scopes: it does not ask again. */
  steppedUp?: boolean;
  /** Its person always allows this tool and was not asked. */
  alwaysAllowed?: boolean;
  elicit?: Elicit;
  /** Set when this call asked for input before. */
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
 * @throws AccountChoiceRequiredError | InputRequiredError | StepUpRequiredError | AuthorizationRequiredError | TryLaterError | UnreachableError | McpServerError | NotFoundError | ConflictError
 */
export async function callTool(ctx: CallContext, call: RequestedCall): Promise<McpToolResult> {
  const startedAt = performance.now();
  let target: McpTarget | null = null;
  const audit = (outcome: string, health: ToolCallEvent["health"]) => {
    const { user, serverId, toolName, assistantId = null, conversationId = null } = call;
    ctx.toolCalls.add({
      ...{ actorId: user.id, actorEmail: user.email ?? null, ipAddress: user.ipAddress ?? null },
      ...{ serverId, serverName: target?.serverName ?? null, toolName, assistantId },
      ...{
        conversationId,
        outcome,
        ownerKey: target && hasAccount(target) ? target.ownerKey : null,
        health: target && hasAccount(target) ? null : health,
      },
      durationMs: Math.round(performance.now() - startedAt),
      alwaysAllowed: call.alwaysAllowed ?? false,
    });
  };
  try {
    const access = checkAccess(ctx, call);
    // Awaited below. The audit names the server of a refused call, too.
    access.catch(() => undefined);
    target = await targetFor(ctx, call.serverId, call.user.id, { account: call.account });
    await access;
    if (target.isSwitchedOff) throw switchedOff(target.serverName);
    if (target.notConnected) throw new AuthorizationRequiredError(target, target.notConnected);
    const result = await send(ctx, target, call);
    audit(result.isError ? "tool_error" : "answered", { answers: true });
    return result;
  } catch (error) {
    audit(outcomeOf(error, call.signal), call.signal.aborted ? null : healthShownBy(error));
    if (target && endsAccess(target, error)) {
      // A chat answer takes long: its end is not waited for.
      void ctx.underWay.keep(compareNotices(ctx, { serverId: call.serverId }));
    }
    throw error;
  }
}

/** Checked at each call: access may have been lost since the turn began. @throws NotFoundError */
async function checkAccess(
  { db }: { db: Database },
  { user: { id, role = "MEMBER" }, serverId, assistantId = null }: RequestedCall,
): Promise<void> {
  const access = await readAccessOfCall(db, { id, role }, { assistantId, serverId });
  if (access.mayUseServer(serverId)) {
    if (assistantId === null || access.mayUseAssistant(assistantId)) return;
  }
  throw new NotFoundError("You no longer have access to this. It was not called. Ask an admin.");
}

function switchedOff(name: string): ConflictError {
  return new ConflictError(
    `${name} is switched off, so it was not called. An admin can switch it on, on the server's page.`,
  );
}

function outcomeOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "cancelled";
  return error instanceof UsherError ? error.code : "internal";
}

/** The call found out that its account has to be authorized again. */
function endsAccess({ bearer, notConnected }: McpTarget, error: unknown): boolean {
  if (bearer === null || notConnected || error instanceof StepUpRequiredError) return false;
  return error instanceof AuthorizationRequiredError;
}

/** Only errors of the server or on the way to it. */
function healthShownBy(error: unknown): ToolCallEvent["health"] {
  if (error instanceof InputRequiredError || error instanceof McpRefusalError) {
    return { answers: true };
  }
  if (error instanceof McpServerError || error instanceof UnreachableError) {
    return { answers: false, error: error.userMessage };
  }
  return null;
}

async function send(
  ctx: CallContext,
  target: McpTarget,
  call: RequestedCall,
): Promise<McpToolResult> {
  const { toolName: name, readsResource, input, inputSchema } = call;
  const { signal, elicit, inputResponses, requestState } = call;
  const result = await ctx.mcp
    .callTool(target, {
      ...{ name, readsResource, input, inputSchema },
      ...{ signal, elicit, inputResponses, requestState },
    })
    .catch(async (error: unknown) => {
      if (error instanceof InputRequiredError) await accepted(target);
      if (!(error instanceof InsufficientScopeError)) throw error;
      throw await stepUp(ctx, target, error, call.steppedUp ?? false);
    });
  await accepted(target);
  return result;
}

/** Its calls carry an account's token or a person's key. */
export function hasAccount({ bearer, personalKey }: McpTarget): boolean {
  return bearer !== null || personalKey !== undefined;
}

/** The server accepted the credential, which it may have refused before. */
export async function accepted({ bearer, personalKey }: McpTarget): Promise<void> {
  await bearer?.accepted?.();
  await personalKey?.accepted();
}

/**
 * What a 403 `insufficient_scope` means for the caller: another consent, which the next authorization requests,
 * or a final refusal.
 *
 * @param steppedUp this call has already led to such a consent
 */
async function stepUp(
  ctx: { db: Database; now: () => Date; flows: FlowRecorder },
  target: McpTarget,
  error: InsufficientScopeError,
  steppedUp: boolean,
): Promise<StepUpRequiredError | McpServerError> {
  const outcome = await decide(ctx, target, error, steppedUp);
  const { serverId, ownerKey, endpoint } = target;
  const url = "url" in endpoint ? endpoint.url : "";
  ctx.flows.record({
    ...{ serverId, ownerKey, kind: "STEP_UP", trigger: "call", reason: outcome.userMessage },
    outcome: outcome instanceof StepUpRequiredError ? "retrying" : "failed",
    steps: [recordChallenge(ctx.now(), url, error.challengedScope)],
  });
  return outcome;
}

async function decide(
  ctx: { db: Database },
  target: McpTarget,
  error: InsufficientScopeError,
  steppedUp: boolean,
): Promise<StepUpRequiredError | McpServerError> {
  const tokens = await findTokenSet(ctx.db, target);
  const server = await findMcpServer(ctx.db, target.serverId);
  if (!tokens || !server?.oauthClient) return error;
  const decision = decideStepUp({
    requested: tokens.requestedScope,
    granted: tokens.scope,
    challenged: error.challengedScope,
    steppedUp,
  });
  if (!decision.should) {
    return new McpServerError(`${target.serverName} ${words[decision.reason]}`, { cause: error });
  }
  const challengedScope =
    scopeUnion(tokens.challengedScope, error.challengedScope) ?? decision.scope;
  await saveChallengedScope(ctx.db, target, challengedScope);
  const scope =
    scopeToAsk(server.oauthClient.scope, { ...tokens, challengedScope }) ?? decision.scope;
  const added = scopeDifference(scope, tokens.requestedScope ?? tokens.scope);
  return new StepUpRequiredError(
    { serverId: target.serverId, ownerKey: target.ownerKey, scope, added },
    `${target.serverName} needs more permissions than were granted: ${error.challengedScope}. Authorize to allow them.`,
    { cause: error },
  );
}

const words: Record<Extract<StepUpDecision, { should: false }>["reason"], string> = {
  tried_already:
    "still needs more permissions after a new consent. Usher does not ask again for this call. An admin can add the scopes on the server's page; then authorize again.",
  asked_already:
    "refuses this although Usher asked for the permissions: the provider did not grant them, or this account may not have them. Authorize again and allow everything, or use another account.",
  no_scope_named:
    "refuses this because permissions are missing, and does not say which. An admin can add the scopes on the server's page; then authorize again.",
};
