import { encodeQR } from "qr";
import {
  asksPasswordFirst,
  type RecoveryCodes,
  type SecondStepProof,
  type SecondStepSecret,
  type SecondStepSetUp,
  type SecondStepView,
} from "@/lib/contracts/people/second-step";
import { by } from "@/lib/db/audit-event";
import {
  confirmSecondStep,
  countRecoveryCodes,
  deleteSecondStep,
  findSecondStep,
  replaceRecoveryCodes,
  storeSecondStep,
} from "@/lib/db/people/second-step";
import { findUserById } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { ConflictError, InvalidInputError } from "@/lib/errors";
import { verifyPassword } from "@/lib/session/password";
import {
  enforceRateLimit,
  forgiveRateLimit,
  passwordChangePerSession,
} from "@/lib/session/rate-limit";
import { hashRecoveryCode, newRecoveryCodes } from "@/lib/session/second-step/recovery-codes";
import { openSecondStep, sealSecondStep } from "@/lib/session/second-step/secret";
import { type CodeContext, takeCode } from "@/lib/session/second-step/take-code";
import { authenticatorUri, newSecret, timeStepOf } from "@/lib/session/second-step/totp";
import type { Actor, SessionUser } from "@/lib/session/session-user";

type SecondStepContext = CodeContext & { env: Pick<Env, "publicUrl" | "requireSecondStep"> };
type Asker = Actor & SessionUser;

export async function viewSecondStep(ctx: SecondStepContext, user: Asker): Promise<SecondStepView> {
  const row = await findUserById(ctx.db, user.id);
  return {
    since: row?.secondStepSince?.toISOString() ?? null,
    recoveryCodes: await countRecoveryCodes(ctx.db, user.id),
    required: ctx.env.requireSecondStep,
  };
}

/**
 * A new secret; an unconfirmed one is replaced.
 * @throws InvalidInputError the password is missing or wrong. @throws RateLimitedError @throws ConflictError
 */
export async function beginSecondStep(
  ctx: SecondStepContext,
  user: Asker,
  { password }: SecondStepSetUp,
): Promise<SecondStepSecret> {
  const row = await findUserById(ctx.db, user.id);
  if (row?.passwordHash === null) {
    throw new ConflictError(
      "You sign in through your team's identity provider; set up a second step there.",
    );
  }
  if (asksPasswordFirst(user, ctx.now())) await checkPassword(ctx, user, password);
  const secret = newSecret();
  const secretSealed = sealSecondStep(ctx.keyring, user.id, secret);
  if (!(await storeSecondStep(ctx.db, { userId: user.id, secretSealed, createdAt: ctx.now() }))) {
    throw new ConflictError("Your second step is on already. Turn it off first to set up another.");
  }
  const uri = authenticatorUri(secret, user.email, new URL(ctx.env.publicUrl).hostname);
  return { secret, uri, qr: qrCode(uri) };
}

/** @throws InvalidInputError the code is not the app's. @throws ConflictError there is nothing to confirm */
export async function enableSecondStep(
  ctx: SecondStepContext,
  user: Asker,
  code: string,
): Promise<RecoveryCodes> {
  const step = await findSecondStep(ctx.db, user.id);
  if (!step) throw startOver();
  const secret = openSecondStep(ctx.keyring, user.id, step.secretSealed);
  const now = ctx.now();
  const timeStep = timeStepOf(secret, code.replace(/\s/g, ""), now);
  if (timeStep === null) {
    throw new InvalidInputError({
      code: "That code is not right. Enter the one shown now, and check the time on your phone.",
    });
  }
  const codes = newRecoveryCodes();
  const codeHashes = codes.map((each) => hashRecoveryCode(user.id, each));
  const event = { action: "second-step.enable", ...by(user) };
  const confirmed = { step, timeStep, codeHashes, now };
  if (!(await confirmSecondStep(ctx.db, confirmed, event))) throw startOver();
  return { recoveryCodes: codes };
}

/** @throws InvalidInputError the password or code is wrong. @throws RateLimitedError */
export async function renewRecoveryCodes(
  ctx: SecondStepContext,
  user: Asker,
  proof: SecondStepProof,
): Promise<RecoveryCodes> {
  await checkProof(ctx, user, proof);
  const codes = newRecoveryCodes();
  const hashes = codes.map((each) => hashRecoveryCode(user.id, each));
  const event = { action: "second-step.new-recovery-codes", ...by(user) };
  if (!(await replaceRecoveryCodes(ctx.db, user.id, hashes, event))) throw isOff();
  return { recoveryCodes: codes };
}

/** @throws InvalidInputError the password or code is wrong. @throws RateLimitedError */
export async function disableSecondStep(
  ctx: SecondStepContext,
  user: Asker,
  proof: SecondStepProof,
): Promise<void> {
  await checkProof(ctx, user, proof);
  const details = { email: user.email, by: "themself" };
  const event = { action: "second-step.disable", ...by(user), details };
  if (!(await deleteSecondStep(ctx.db, user.id, event))) throw isOff();
}

async function checkProof(
  ctx: SecondStepContext,
  user: Asker,
  proof: SecondStepProof,
): Promise<void> {
  if ("code" in proof) {
    if (await takeCode(ctx, user.id, proof.code, user.ipAddress)) return;
    throw new InvalidInputError({ code: "That code is not right, or was used already." });
  }
  await checkPassword(ctx, user, proof.password);
}

async function checkPassword(
  ctx: SecondStepContext,
  user: Asker,
  password: string | undefined,
): Promise<void> {
  if (password === undefined) throw new InvalidInputError({ password: "Enter your password." });
  await enforceRateLimit(ctx, passwordChangePerSession, user.sessionId);
  const row = await findUserById(ctx.db, user.id);
  if (!(await verifyPassword(row?.passwordHash ?? null, password))) {
    throw new InvalidInputError({ password: "That is not your password." });
  }
  await forgiveRateLimit(ctx, passwordChangePerSession, user.sessionId);
}

function startOver(): ConflictError {
  return new ConflictError("This was set up or replaced in another tab. Reload the page.");
}

function isOff(): ConflictError {
  return new ConflictError("Your second step is off. Reload the page.");
}

/** Dark modules row by row, adjacent ones in one stroke. */
function qrCode(text: string): SecondStepSecret["qr"] {
  const rows = encodeQR(text, "raw", { border: 4, ecc: "medium" });
  const path = rows.flatMap((row, y) =>
    [
      ...row
        .map((dark) => (dark ? "1" : "0"))
        .join("")
        .matchAll(/1+/g),
    ].map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`),
  );
  return { size: rows.length, path: path.join("") };
}
