import { encodeQR } from "qr";
import {
  asksPasswordFirst,
  type RecoveryCodes,
  type TwoFactorProof,
  type TwoFactorSecret,
  type TwoFactorSetUp,
  type TwoFactorView,
} from "@/lib/contracts/people/two-factor";
import { by } from "@/lib/db/audit-event";
import {
  confirmTwoFactor,
  countRecoveryCodes,
  deleteTwoFactor,
  findTwoFactor,
  replaceRecoveryCodes,
  storeTwoFactor,
} from "@/lib/db/people/two-factor";
import { findUserById } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { ConflictError, InvalidInputError } from "@/lib/errors";
import { verifyPassword } from "@/lib/session/password";
import {
  enforceRateLimit,
  forgiveRateLimit,
  passwordChangePerSession,
} from "@/lib/session/rate-limit";
import type { Actor, SessionUser } from "@/lib/session/session-user";
import { hashRecoveryCode, newRecoveryCodes } from "@/lib/session/two-factor/recovery-codes";
import { openTwoFactor, sealTwoFactor } from "@/lib/session/two-factor/secret";
import { type CodeContext, takeCode } from "@/lib/session/two-factor/take-code";
import { authenticatorUri, newSecret, timeStepOf } from "@/lib/session/two-factor/totp";

type TwoFactorContext = CodeContext & { env: Pick<Env, "publicUrl" | "requireTwoFactor"> };
type Asker = Actor & SessionUser;

export async function viewTwoFactor(ctx: TwoFactorContext, user: Asker): Promise<TwoFactorView> {
  const row = await findUserById(ctx.db, user.id);
  return {
    since: row?.twoFactorSince?.toISOString() ?? null,
    recoveryCodes: await countRecoveryCodes(ctx.db, user.id),
    required: ctx.env.requireTwoFactor,
  };
}

/**
 * A new secret; an unconfirmed one is replaced.
 * @throws InvalidInputError the password is missing or wrong. @throws RateLimitedError @throws ConflictError
 */
export async function beginTwoFactor(
  ctx: TwoFactorContext,
  user: Asker,
  { password }: TwoFactorSetUp,
): Promise<TwoFactorSecret> {
  const row = await findUserById(ctx.db, user.id);
  if (row?.passwordHash === null) {
    throw new ConflictError(
      "You sign in through your team's identity provider. Set up two-factor authentication there.",
    );
  }
  if (asksPasswordFirst(user, ctx.now())) await checkPassword(ctx, user, password);
  const secret = newSecret();
  const secretSealed = sealTwoFactor(ctx.keyring, user.id, secret);
  if (!(await storeTwoFactor(ctx.db, { userId: user.id, secretSealed, createdAt: ctx.now() }))) {
    throw new ConflictError(
      "Two-factor authentication is already on. Turn it off first to set up another app.",
    );
  }
  const uri = authenticatorUri(secret, user.email, new URL(ctx.env.publicUrl).hostname);
  return { secret, uri, qr: qrCode(uri) };
}

/** @throws InvalidInputError the code is not the app's. @throws ConflictError there is nothing to confirm */
export async function enableTwoFactor(
  ctx: TwoFactorContext,
  user: Asker,
  code: string,
): Promise<RecoveryCodes> {
  const row = await findTwoFactor(ctx.db, user.id);
  if (!row) throw startOver();
  const secret = openTwoFactor(ctx.keyring, user.id, row.secretSealed);
  const now = ctx.now();
  const timeStep = timeStepOf(secret, code.replace(/\s/g, ""), now);
  if (timeStep === null) {
    throw new InvalidInputError({
      code: "That code is incorrect. Enter the one shown now, and check the time on your phone.",
    });
  }
  const codes = newRecoveryCodes();
  const codeHashes = codes.map((each) => hashRecoveryCode(user.id, each));
  const event = { action: "two-factor.enable", ...by(user) };
  const confirmed = { row, timeStep, codeHashes, now };
  if (!(await confirmTwoFactor(ctx.db, confirmed, event))) throw startOver();
  return { recoveryCodes: codes };
}

/** @throws InvalidInputError the password or code is wrong. @throws RateLimitedError */
export async function renewRecoveryCodes(
  ctx: TwoFactorContext,
  user: Asker,
  proof: TwoFactorProof,
): Promise<RecoveryCodes> {
  await checkProof(ctx, user, proof);
  const codes = newRecoveryCodes();
  const hashes = codes.map((each) => hashRecoveryCode(user.id, each));
  const event = { action: "two-factor.new-recovery-codes", ...by(user) };
  if (!(await replaceRecoveryCodes(ctx.db, user.id, hashes, event))) throw isOff();
  return { recoveryCodes: codes };
}

/** @throws InvalidInputError the password or code is wrong. @throws RateLimitedError */
export async function disableTwoFactor(
  ctx: TwoFactorContext,
  user: Asker,
  proof: TwoFactorProof,
): Promise<void> {
  await checkProof(ctx, user, proof);
  const details = { email: user.email, by: "themself" };
  const event = { action: "two-factor.disable", ...by(user), details };
  if (!(await deleteTwoFactor(ctx.db, user.id, event))) throw isOff();
}

async function checkProof(
  ctx: TwoFactorContext,
  user: Asker,
  proof: TwoFactorProof,
): Promise<void> {
  if ("code" in proof) {
    if (await takeCode(ctx, user.id, proof.code, user.ipAddress)) return;
    throw new InvalidInputError({ code: "That code is incorrect or has already been used." });
  }
  await checkPassword(ctx, user, proof.password);
}

async function checkPassword(
  ctx: TwoFactorContext,
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
  return new ConflictError("Two-factor authentication is off. Reload the page.");
}

/** Dark modules row by row, adjacent ones in one stroke. */
function qrCode(text: string): TwoFactorSecret["qr"] {
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
