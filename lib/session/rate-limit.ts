import { createHash } from "node:crypto";
import type { Database } from "@/lib/db/client";
import { clearWindow, countInWindow, takeOneBack } from "@/lib/db/rate-limit";
import { RateLimitedError } from "@/lib/errors";

export interface RateLimit {
  /** The name, such as `sign-in`. */
  name: string;
  limit: number;
  windowMs: number;
}

const minute = 60_000;

/** Wrong passwords for one email address from one network. */
export const signInPerAddress: RateLimit = {
  name: "sign-in-email",
  limit: 10,
  windowMs: 15 * minute,
};
/** The same while `signInPerAccount` is exceeded: fewer, but never none. */
export const signInPerAddressUnderAttack: RateLimit = { ...signInPerAddress, limit: 3 };
/** Wrong passwords for one e-mail address from all networks together. Beyond it no one is locked out. */
export const signInPerAccount: RateLimit = {
  name: "sign-in-account",
  limit: 100,
  windowMs: 15 * minute,
};
/** Wrong passwords from one client, for any address. */
export const signInPerClient: RateLimit = {
  name: "sign-in-client",
  limit: 100,
  windowMs: 15 * minute,
};
/** Wrong passwords from a browser that has signed in to that account before. */
export const signInPerDevice: RateLimit = {
  name: "sign-in-device",
  limit: 10,
  windowMs: 15 * minute,
};
/** Wrong two-factor codes for one person from one network. */
export const twoFactorPerNetwork: RateLimit = {
  name: "two-factor-network",
  limit: 10,
  windowMs: 15 * minute,
};
/** The same from everywhere, for the app's codes: of a million, three are valid at a time. */
export const twoFactorPerAccount: RateLimit = {
  name: "two-factor-account",
  limit: 30,
  windowMs: 24 * 60 * minute,
};
/** Wrong current passwords of a signed-in person. */
export const passwordChangePerSession: RateLimit = {
  name: "password-change",
  limit: 10,
  windowMs: 15 * minute,
};
/** Tries to set Usher up with a setup code. */
export const setUpPerClient: RateLimit = {
  name: "set-up-client",
  limit: 30,
  windowMs: 15 * minute,
};
/** Each hashes a password. */
export const acceptPerInvitation: RateLimit = {
  name: "accept-invitation",
  limit: 10,
  windowMs: 15 * minute,
};
/** Links that open no invitation. */
export const unknownInvitationPerClient: RateLimit = {
  name: "unknown-invitation-client",
  limit: 30,
  windowMs: 15 * minute,
};
/** Attempts with reset links, valid or not. */
export const resetPerClient: RateLimit = {
  name: "reset-client",
  limit: 30,
  windowMs: 15 * minute,
};
/** Requested mails with a reset link, whether or not the address has an account. */
export const forgottenPerClient: RateLimit = {
  name: "forgotten-client",
  limit: 20,
  windowMs: 15 * minute,
};
/** The same for one address: no mailbox is flooded. */
export const forgottenPerAddress: RateLimit = {
  name: "forgotten-address",
  limit: 3,
  windowMs: 60 * minute,
};
export const authorizePerUser: RateLimit = {
  name: "authorize-user",
  limit: 60,
  windowMs: 10 * minute,
};
/** Each costs money at the model's provider. Far above what a person needs, below what a script sends. */
export const chatTurnsPerUser: RateLimit = {
  name: "chat-turn-user",
  limit: 30,
  windowMs: minute,
};
/** Changes, successful or not. */
export const changesPerUser: RateLimit = {
  name: "change-user",
  limit: 300,
  windowMs: minute,
};
/** Requests with one API key, including reads: a runaway loop must not slow everyone down. */
export const requestsPerKey: RateLimit = {
  name: "api-key",
  limit: 600,
  windowMs: minute,
};
/** Each calls every provider and model. */
export const doctorRunsPerUser: RateLimit = {
  name: "doctor-user",
  limit: 20,
  windowMs: 10 * minute,
};
export const modelTestsPerUser: RateLimit = {
  name: "model-test-user",
  limit: 20,
  windowMs: 10 * minute,
};
export const exportsPerUser: RateLimit = {
  name: "export-user",
  limit: 20,
  windowMs: 10 * minute,
};

interface LimitContext {
  db: Database;
  now: () => Date;
}

/** The count in this window, including this event. */
interface Counted {
  count: number;
  windowEndsAt: Date;
}

/** @throws RateLimitedError past the limit */
export async function enforceRateLimit(
  ctx: LimitContext,
  limit: RateLimit,
  who: string,
): Promise<void> {
  refuseBeyond(ctx, limit, await countAttempt(ctx, limit, who));
}

export function countAttempt(
  ctx: LimitContext,
  { name, windowMs }: RateLimit,
  who: string,
): Promise<Counted> {
  return countInWindow(ctx.db, keyOf(name, who), windowMs, ctx.now());
}

/** @throws RateLimitedError */
export function refuseBeyond(
  ctx: Pick<LimitContext, "now">,
  { limit }: RateLimit,
  { count, windowEndsAt }: Counted,
): void {
  if (count <= limit) return;
  const retryAfterMs = Math.max(windowEndsAt.getTime() - ctx.now().getTime(), 1000);
  const wait =
    retryAfterMs < minute
      ? `${Math.ceil(retryAfterMs / 1000)} s`
      : `${Math.ceil(retryAfterMs / minute)} min`;
  throw new RateLimitedError(`Too many attempts. Try again in ${wait}.`, { retryAfterMs });
}

export function forgiveOne(
  ctx: Pick<LimitContext, "db">,
  { name }: RateLimit,
  who: string,
): Promise<void> {
  return takeOneBack(ctx.db, keyOf(name, who));
}

/** After a success: earlier failures no longer count. */
export function forgiveRateLimit(
  ctx: Pick<LimitContext, "db">,
  { name }: RateLimit,
  who: string,
): Promise<void> {
  return clearWindow(ctx.db, keyOf(name, who));
}

/** Hashed, so that the table is not a list of addresses. */
function keyOf(name: string, who: string): string {
  return `${name}:${createHash("sha256").update(who).digest("base64url")}`;
}
