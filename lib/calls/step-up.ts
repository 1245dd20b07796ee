import type { Database } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findTokenSet, saveChallengedScope } from "@/lib/db/stored-token-set";
import { type InsufficientScopeError, McpServerError, StepUpRequiredError } from "@/lib/errors";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { McpTarget } from "@/lib/mcp/target";
import { recordChallenge } from "@/lib/oauth/recorded-exchange";
import { scopeDifference, scopeUnion } from "@/lib/oauth/scope";
import { decideStepUp, type StepUp } from "@/lib/oauth/scope-selection";
import { scopeToAsk } from "@/lib/tokens/step-up";

/**
 * What a 403 `insufficient_scope` means for the one who called: a consent to more, which the next
 * authorization asks for, or an end.
 *
 * @param steppedUp this very call has led to such a consent before
 */
export async function stepUp(
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
    `${target.serverName} wants more permissions for this than were consented to: ${error.challengedScope}. Authorize to allow them.`,
    { cause: error },
  );
}

const words: Record<Extract<StepUp, { should: false }>["reason"], string> = {
  tried_already:
    "wants still more permissions after a new consent. Usher does not ask again for this call. An admin can add the scopes on the server's page; then authorize again.",
  asked_already:
    "refuses this for want of permissions that were asked for already: the provider did not grant them, or this account may not have them. Authorize again and allow everything, or use another account.",
  no_scope_named:
    "refuses this for want of permissions, and does not say which. An admin adds the scopes on the server's page; then authorize again.",
};
