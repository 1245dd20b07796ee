import { ForbiddenError, NotSignedInError } from "@/lib/errors";
import { type ActingKey, isKeyLike, seeApiKey } from "./api-keys/authenticate";
import { clientOf } from "./client";
import { keyPermits, type Permission, permits } from "./permissions";
import { changesPerUser, enforceRateLimit, requestsPerKey } from "./rate-limit";
import { type SessionUser, type SignedInUser, seeSession } from "./session-user";

/** The sender of a request: a person in a browser, or a key in the name of a person or a service. */
export type Caller =
  | (SessionUser & { apiKey: null })
  | (SignedInUser & { sessionId: null; apiKey: ActingKey });

type CallerContext = Parameters<typeof seeSession>[0];

/**
 * The API key in `Authorization: Bearer`, as sent; null: there is none. Some proxies add their own bearer token
 * to what a browser sends: one of another form beside cookies is not a key, and the cookies decide, with
 * the origin check. A key in the URL is ignored: URLs end up in logs and histories.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearerToken({ headers }: Request): string | null {
  const found = /^bearer(?:\s+(.*))?$/i.exec(headers.get("authorization")?.trim() ?? "");
  if (!found) return null;
  const token = found[1] ?? "";
  return isKeyLike(token) || !headers.has("cookie") ? token : null;
}

/**
 * By the key if the request has one, otherwise by the session of its cookies. A key that does not work is refused,
 * whatever the cookies say.
 * @throws NotSignedInError
 * @throws TwoFactorRequiredError
 */
export async function seeCaller(
  ctx: CallerContext,
  request: Request,
  permission: Permission,
): Promise<Caller> {
  const token = bearerToken(request);
  if (token !== null) return { ...(await seeApiKey(ctx, token)), sessionId: null };
  const beforeTwoFactor = permission === "account.set-up-two-factor";
  const user = await seeSession(ctx, clientOf(request), { beforeTwoFactor });
  if (!user) throw new NotSignedInError();
  return { ...user, apiKey: null };
}

/** The key lacks a scope. @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1 `insufficient_scope` */
export class KeyScopeError extends ForbiddenError {
  static override readonly kind = "KeyScopeError";
  readonly scope: string;

  constructor(scope: string) {
    super(`This API key lacks the scope ${scope}. Create a key that has it.`);
    this.scope = scope;
  }
}

/** @throws ForbiddenError by the role, or by what a key may do */
export function checkPermission(
  caller: Pick<SignedInUser, "role"> & { apiKey?: ActingKey | null },
  permission: Permission,
  method: string,
): void {
  if (caller.apiKey) {
    const decision = keyPermits(caller.apiKey, permission, method);
    if (!decision.may) {
      if (decision.reason === "insufficient_scope") throw new KeyScopeError(decision.scope);
      throw new ForbiddenError(
        decision.reason === "person_only"
          ? "A service has no account of its own here. Use a key that a person created for themselves."
          : "No API key can do this. Sign in to Usher for it.",
      );
    }
  }
  if (!permits(caller.role, permission)) {
    throw new ForbiddenError(
      caller.apiKey
        ? "The role of this API key's owner does not allow this. Ask an admin."
        : "Your role does not allow this. Ask an admin.",
    );
  }
}

/** Changes by a person in a browser; all requests with a key. @throws RateLimitedError */
export async function limitCaller(
  ctx: CallerContext,
  caller: Caller,
  isChange: boolean,
): Promise<void> {
  if (caller.apiKey) await enforceRateLimit(ctx, requestsPerKey, caller.apiKey.id);
  else if (isChange) await enforceRateLimit(ctx, changesPerUser, caller.id);
}

/**
 * The `WWW-Authenticate` header of a refusal; null: none.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function bearerChallenge(error: unknown, request: Request): string | null {
  if (error instanceof KeyScopeError) {
    return `Bearer error="insufficient_scope", scope="${error.scope}"`;
  }
  if (!(error instanceof NotSignedInError)) return null;
  if (bearerToken(request) === null) return "Bearer";
  return `Bearer error="invalid_token", error_description="${error.userMessage}"`;
}
