import { setTimeout } from "node:timers/promises";
import {
  type AuthorizationRequestRow,
  consumeAuthorizationRequest,
  findAuthorizationRequest,
  findAuthorizationRequestById,
} from "@/lib/db/authorization-request";
import { findMcpServer } from "@/lib/db/mcp-server";
import { AuthorizationFailedError } from "@/lib/errors";
import type { FlowMoment } from "@/lib/flows/recorder";
import { hashSecret, secretsEqual } from "@/lib/oauth/authorization-request";
import { type ObservedSteps, observed } from "@/lib/oauth/client";
import { recordNavigation } from "@/lib/oauth/recorded-exchange";
import type { Actor } from "@/lib/session/session-user";
import { browserCookieName } from "./begin";
import { callbackUrl } from "./client-document";
import type { AuthorizationContext, CompletedAuthorization } from "./context";
import type { AskAccountTool } from "./learn-account";
import { requestTokens } from "./request-tokens";
import { cancelled, takeGrant, untilKept } from "./take-grant";

/** The callback's parameters. All of it is untrusted. */
export interface Callback {
  parameters: URLSearchParams;
  cookies: Readonly<Record<string, string>>;
}

/** The parameters of a callback. Some providers write the address for HTML, where `&amp;` separates them. */
export function callbackParameters(url: string): URLSearchParams {
  const told = [...new URL(url).searchParams];
  return new URLSearchParams(told.map(([name, value]) => [name.replace(/^amp;/, ""), value]));
}

/** What belongs to an answer, also in the words of some providers. */
const ANSWER = /^(state|code|iss|error|error_[a-z]{1,20})$/;

/** The answer in a posted callback. A form beside a query is the provider's own, perhaps with a password, and not read. */
export function postedParameters(query: URLSearchParams, form: URLSearchParams): URLSearchParams {
  const told = query.has("state") ? query : form;
  return new URLSearchParams([...told].filter(([name]) => ANSWER.test(name)));
}

/**
 * Completes a flow once, for the person and browser that started it. It runs to its end even if the browser
 * leaves or the process is told to stop, since the provider accepts a code once.
 * @throws AuthorizationFailedError nothing is stored; `returnTo` is set once the flow was found to be this
 * person's
 */
export async function completeAuthorization(
  world: AuthorizationContext,
  user: Actor,
  callback: Callback,
  askTool: AskAccountTool | null = null,
): Promise<CompletedAuthorization> {
  const { ctx, steps } = observed(world);
  const state = callback.parameters.get("state") ?? "";
  if (state === "") throw withoutState();
  const request = await findAuthorizationRequest(ctx.db, hashSecret(state));
  if (!request) throw unknownState();
  try {
    return await untilKept(ctx, request, (onAway) =>
      recordCallback(ctx, request, user, callback.parameters, steps, () =>
        complete(ctx, user, callback, { request, askTool, onAway }),
      ),
    );
  } catch (error) {
    if (!(error instanceof TakenError)) throw error;
    return endOfFirst(ctx, request, browserCookieName(state));
  }
}

/** This callback arrived before, and its code was sent then. */
class TakenError extends Error {}

/** In ms: a token request, and as long again for the save. */
const takesAtMost = 45_000;
const lookAgainMs = 250;

/** A browser may send one callback twice, perhaps to another process. Both end as the first one does. */
async function endOfFirst(
  ctx: AuthorizationContext,
  { id, returnTo, serverId, ownerKey }: AuthorizationRequestRow,
  browserCookie: string,
): Promise<CompletedAuthorization> {
  for (;;) {
    const request = await findAuthorizationRequestById(ctx.db, id);
    if (!request?.consumedAt) throw unknownState(returnTo);
    if (request.connectedAt !== null) {
      if (request.expiresAt <= ctx.now()) throw unknownState(returnTo);
      return { serverId, ownerKey, returnTo, browserCookie };
    }
    const { failure, failureReason } = request;
    if (failure !== null && failureReason !== null) {
      const reason = failureReason as AuthorizationFailedError["reason"];
      throw new AuthorizationFailedError(reason, failure, { returnTo });
    }
    const waited = ctx.now().getTime() - request.consumedAt.getTime();
    if (failure !== null || waited > takesAtMost) throw unknownState(returnTo);
    await setTimeout(lookAgainMs);
  }
}

interface Completing {
  request: AuthorizationRequestRow;
  askTool: AskAccountTool | null;
  onAway: () => void;
}

async function complete(
  ctx: AuthorizationContext,
  user: Actor,
  callback: Callback,
  { request, askTool, onAway }: Completing,
): Promise<CompletedAuthorization> {
  const state = callback.parameters.get("state") ?? "";
  checkBinding(ctx, request, user, callback.cookies[browserCookieName(state)]);
  const { returnTo, serverId } = request;
  // Read before the request is consumed: a change of the settings ends the request, so these
  // are the settings that it was made with, and the code goes to no other provider.
  const server = await findMcpServer(ctx.db, serverId);
  if (!(await consumeAuthorizationRequest(ctx.db, request.id, ctx.now()))) throw new TakenError();
  if (!server?.oauthClient || server.oauthClient.issuer !== request.issuer) {
    throw cancelled(returnTo);
  }
  const asked = { ...server, oauthClient: server.oauthClient };
  await takeGrant(ctx, user, { request, server: asked, askTool, onAway }, () =>
    requestTokens(ctx, asked, request, callback.parameters),
  );
  return {
    serverId,
    ownerKey: request.ownerKey,
    returnTo,
    browserCookie: browserCookieName(state),
  };
}

/**
 * A forwarded link must not connect the wrong person's account: same person, same browser, in time.
 * Otherwise the request stays as it is, for its owner.
 */
function checkBinding(
  ctx: AuthorizationContext,
  request: AuthorizationRequestRow,
  user: Actor,
  browser: string | undefined,
): void {
  if (request.userId !== user.id) {
    throw new AuthorizationFailedError(
      "wrong_user",
      "Somebody else started this authorization. Nothing was connected. Start your own in Usher.",
    );
  }
  // The first answer has removed the cookie. Nothing is left to take, and the flow is this person's.
  if (request.connectedAt !== null) throw new TakenError();
  if (browser === undefined || !secretsEqual(hashSecret(browser), request.browserHash)) {
    throw new AuthorizationFailedError(
      "wrong_browser",
      "This authorization was started in another browser. Nothing was connected. Start it again here.",
    );
  }
  if (request.consumedAt !== null) throw new TakenError();
  if (request.expiresAt <= ctx.now()) {
    throw new AuthorizationFailedError(
      "expired",
      "The authorization took longer than 10 minutes and has ended. Authorize again.",
      { returnTo: request.returnTo },
    );
  }
}

function unknownState(returnTo?: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "unknown_state",
    "This authorization was already used or is not known. Nothing was connected by it. Authorize again.",
    returnTo === undefined ? {} : { returnTo },
  );
}

function withoutState(): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "no_state",
    "The provider sent you back without the state of an authorization, so Usher cannot tell which one it answers. Nothing was connected. Authorize again.",
  );
}

/**
 * For the flow inspector: what came back, what was exchanged for it, and what it led to.
 * @param steps where `complete` leaves what it sent
 */
export async function recordCallback<Completed>(
  ctx: AuthorizationContext,
  { id: flowId, serverId, ownerKey }: AuthorizationRequestRow,
  user: { id: string },
  parameters: URLSearchParams,
  steps: ObservedSteps,
  complete: () => Promise<Completed>,
): Promise<Completed> {
  const url = `${callbackUrl(ctx.env.publicUrl)}?${parameters}`;
  const cameBack = recordNavigation("authorization_response", ctx.now(), url);
  const record = (outcome: FlowMoment["outcome"], reason: string | null) =>
    ctx.flows.record({
      ...{ flowId, serverId, ownerKey, kind: "AUTHORIZATION", trigger: "person" },
      ...{ actorId: user.id, outcome, reason, steps: [cameBack, ...steps.read()] },
    });
  try {
    const completed = await complete();
    record("succeeded", null);
    return completed;
  } catch (error) {
    if (error instanceof AuthorizationFailedError) {
      record(isForeign(error) ? "refused" : "failed", error.userMessage);
    }
    throw error;
  }
}

/** Another person's, another browser's, or used already: the flow itself continues. */
function isForeign({ reason }: AuthorizationFailedError): boolean {
  return reason === "wrong_user" || reason === "wrong_browser" || reason === "unknown_state";
}
