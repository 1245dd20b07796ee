import { createHash } from "node:crypto";
import type { Database } from "@/lib/db/client";
import { clearWindow, countInWindow } from "@/lib/db/rate-limit";
import { RateLimitedError } from "@/lib/errors";

export interface RateLimit {
  /** What is limited, such as `sign-in`. */
  name: string;
  limit: number;
  windowMs: number;
}

const minute = 60_000;

export const signInPerAddress: RateLimit = {
  name: "sign-in-email",
  limit: 10,
  windowMs: 15 * minute,
};
export const signInPerClient: RateLimit = {
  name: "sign-in-client",
  limit: 100,
  windowMs: 15 * minute,
};
export const acceptPerClient: RateLimit = {
  name: "accept-client",
  limit: 30,
  windowMs: 15 * minute,
};
export const authorizePerUser: RateLimit = {
  name: "authorize-user",
  limit: 60,
  windowMs: 10 * minute,
};
/** Each is paid for at the model's provider. Far above what one person reads, below what a script sends. */
export const chatTurnsPerUser: RateLimit = {
  name: "chat-turn-user",
  limit: 30,
  windowMs: minute,
};
/** All that changes something, whatever becomes of it. */
export const changesPerUser: RateLimit = {
  name: "change-user",
  limit: 300,
  windowMs: minute,
};
/** Each reads the whole audit. */
export const exportsPerUser: RateLimit = {
  name: "export-user",
  limit: 20,
  windowMs: 10 * minute,
};

/** @throws RateLimitedError past the limit */
export async function enforceRateLimit(
  ctx: { db: Database; now: () => Date },
  { name, limit, windowMs }: RateLimit,
  who: string,
): Promise<void> {
  const now = ctx.now();
  const { count, windowEndsAt } = await countInWindow(ctx.db, keyOf(name, who), windowMs, now);
  if (count <= limit) return;
  const retryAfterMs = Math.max(windowEndsAt.getTime() - now.getTime(), 1000);
  const wait =
    retryAfterMs < minute
      ? `${Math.ceil(retryAfterMs / 1000)} s`
      : `${Math.ceil(retryAfterMs / minute)} min`;
  throw new RateLimitedError(`Too many attempts. Try again in ${wait}.`, { retryAfterMs });
}

export function forgiveRateLimit(
  ctx: { db: Database },
  { name }: RateLimit,
  who: string,
): Promise<void> {
  return clearWindow(ctx.db, keyOf(name, who));
}

/** Hashed: the table is no list of addresses. */
function keyOf(name: string, who: string): string {
  return `${name}:${createHash("sha256").update(who).digest("base64url")}`;
}
