import type { Database } from "@/lib/db/client";
import {
  claimRecoveryCode,
  claimTimeStep,
  countRecoveryCodes,
  findTwoFactor,
} from "@/lib/db/people/two-factor";
import type { Keyring } from "@/lib/vault/keyring";
import { networkOf } from "../client";
import {
  countAttempt,
  forgiveOne,
  forgiveRateLimit,
  refuseBeyond,
  twoFactorPerAccount,
  twoFactorPerNetwork,
} from "../rate-limit";
import { hashRecoveryCode } from "./recovery-codes";
import { openTwoFactor } from "./secret";
import { timeStepOf } from "./totp";

export interface CodeContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
}

export type TakenCode = { kind: "code" } | { kind: "recovery code"; left: number };

/**
 * Takes a code of the app or a recovery code, which then stops working. Null: it is wrong, was used, or this
 * person does not use two-factor authentication. A person who tries codes knows the password, so unlike there, all
 * networks share the tries for the app's six digits; a recovery code is too long to guess and stays a way in.
 * @throws RateLimitedError
 */
export async function takeCode(
  ctx: CodeContext,
  userId: string,
  given: string,
  ipAddress: string | null,
): Promise<TakenCode | null> {
  const network = `${userId} ${networkOf(ipAddress, { v4: 24, v6: 48 })}`;
  refuseBeyond(ctx, twoFactorPerNetwork, await countAttempt(ctx, twoFactorPerNetwork, network));
  const code = given.replace(/\s/g, "");
  const taken = /^\d{6}$/.test(code)
    ? await takeAppCode(ctx, userId, code)
    : await takeRecoveryCode(ctx, userId, code);
  if (taken) await forgiveRateLimit(ctx, twoFactorPerNetwork, network);
  return taken;
}

async function takeAppCode(
  ctx: CodeContext,
  userId: string,
  code: string,
): Promise<TakenCode | null> {
  refuseBeyond(ctx, twoFactorPerAccount, await countAttempt(ctx, twoFactorPerAccount, userId));
  const row = await findTwoFactor(ctx.db, userId);
  if (!row) return null;
  const secret = openTwoFactor(ctx.keyring, userId, row.secretSealed);
  const timeStep = timeStepOf(secret, code, ctx.now());
  if (timeStep === null || !(await claimTimeStep(ctx.db, userId, timeStep))) return null;
  // Not all: a guesser who waits for the owner to sign in would start from zero each time.
  await forgiveOne(ctx, twoFactorPerAccount, userId);
  return { kind: "code" };
}

async function takeRecoveryCode(
  ctx: CodeContext,
  userId: string,
  code: string,
): Promise<TakenCode | null> {
  if (!(await claimRecoveryCode(ctx.db, userId, hashRecoveryCode(userId, code)))) return null;
  return { kind: "recovery code", left: await countRecoveryCodes(ctx.db, userId) };
}
