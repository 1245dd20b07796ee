import type { Database } from "@/lib/db/client";
import {
  claimRecoveryCode,
  claimTimeStep,
  countRecoveryCodes,
  findSecondStep,
} from "@/lib/db/people/second-step";
import type { Keyring } from "@/lib/vault/keyring";
import { networkOf } from "../client";
import {
  countAttempt,
  forgiveOne,
  forgiveRateLimit,
  refuseBeyond,
  secondStepPerAccount,
  secondStepPerNetwork,
} from "../rate-limit";
import { hashRecoveryCode } from "./recovery-codes";
import { openSecondStep } from "./secret";
import { timeStepOf } from "./totp";

export interface CodeContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
}

export type TakenCode = { kind: "code" } | { kind: "recovery code"; left: number };

/**
 * Takes a code of the app or a recovery code, which then stops working. Null: it is wrong, was used, or this
 * person has no second step. A person who tries codes knows the password, so unlike there, all networks share the tries
 * for the app's six digits; a recovery code is too long to guess and stays a way in.
 * @throws RateLimitedError
 */
export async function takeCode(
  ctx: CodeContext,
  userId: string,
  given: string,
  ipAddress: string | null,
): Promise<TakenCode | null> {
  const network = `${userId} ${networkOf(ipAddress, { v4: 24, v6: 48 })}`;
  refuseBeyond(ctx, secondStepPerNetwork, await countAttempt(ctx, secondStepPerNetwork, network));
  const code = given.replace(/\s/g, "");
  const taken = /^\d{6}$/.test(code)
    ? await takeAppCode(ctx, userId, code)
    : await takeRecoveryCode(ctx, userId, code);
  if (taken) await forgiveRateLimit(ctx, secondStepPerNetwork, network);
  return taken;
}

async function takeAppCode(
  ctx: CodeContext,
  userId: string,
  code: string,
): Promise<TakenCode | null> {
  refuseBeyond(ctx, secondStepPerAccount, await countAttempt(ctx, secondStepPerAccount, userId));
  const step = await findSecondStep(ctx.db, userId);
  if (!step) return null;
  const secret = openSecondStep(ctx.keyring, userId, step.secretSealed);
  const timeStep = timeStepOf(secret, code, ctx.now());
  if (timeStep === null || !(await claimTimeStep(ctx.db, userId, timeStep))) return null;
  // Not all: a guesser who waits for the owner to sign in would start from zero each time.
  await forgiveOne(ctx, secondStepPerAccount, userId);
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
