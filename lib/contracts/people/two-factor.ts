import * as z from "zod";
import type { ResetLinkAsker } from "./password-reset";
import type { Person } from "./person";

export const recoveryCodeCount = 10;

/** For the requesting person. */
export const twoFactorView = z.object({
  /** ISO 8601. Null: signing in asks only for the password. */
  since: z.string().nullable(),
  /** How many recovery codes are left. */
  recoveryCodes: z.number(),
  /** REQUIRE_TWO_FACTOR. */
  required: z.boolean(),
});
export type TwoFactorView = z.infer<typeof twoFactorView>;

/** For the authenticator app. Takes effect once a code from it has been entered. */
export const twoFactorSecret = z.object({
  /** Base32, RFC 4648. */
  secret: z.string(),
  /** `otpauth://totp/…`. */
  uri: z.string(),
  /** The URL as a QR code: `path` fills a square of `size` units, including its quiet zone. */
  qr: z.object({ size: z.number(), path: z.string() }),
});
export type TwoFactorSecret = z.infer<typeof twoFactorSecret>;

/** From the app, or a recovery code. */
const code = z.string().trim().min(1, "Enter the code.").max(40, "That is too long for a code.");

export const twoFactorCode = z.object({ code });
export type TwoFactorCode = z.infer<typeof twoFactorCode>;

const password = z.string().min(1, "Enter your password.").max(200);

/** `password`: unless `asksPasswordFirst` says that it was just given. */
export const twoFactorSetUp = z.strictObject({ password: password.optional() });
export type TwoFactorSetUp = z.infer<typeof twoFactorSetUp>;

/** Proves that the person themselves turns it off, and not someone at their unlocked browser. */
export const twoFactorProof = z.union([z.strictObject({ password }), z.strictObject({ code })]);
export type TwoFactorProof = z.infer<typeof twoFactorProof>;

/** Shown once: only their hashes are stored. */
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof recoveryCodes>;

type Decision = { may: true } | { may: false; reason: string };

/** A password given to sign in also starts the set-up of required two-factor authentication for this long. */
export const justSignedInMs = 10 * 60_000;

/**
 * Whether setting it up asks for the password. Otherwise somebody at an unlocked browser could set up their own app and
 * lock the owner out. A set-up that sign-in requires doesn't ask twice.
 */
export function asksPasswordFirst(
  session: { mustSetUpTwoFactor: boolean; signedInAt: Date },
  now: Date,
): boolean {
  const justSignedIn = now.getTime() - session.signedInAt.getTime() < justSignedInMs;
  return !(session.mustSetUpTwoFactor && justSignedIn);
}

/** Whether it may be turned off for a person without a code. A stolen session must not turn off its owner's. */
export function decideTwoFactorReset(
  person: Pick<Person, "name" | "email" | "role" | "twoFactor">,
  asker: ResetLinkAsker,
): Decision {
  const refuse = (reason: string): Decision => ({ may: false, reason });
  if (asker === "themselves") {
    return refuse("Turn off your own two-factor authentication in Settings, under Your account.");
  }
  if (asker === "operator" && person.role !== "ADMIN") {
    return refuse(
      `${person.email} is not an admin. An admin can reset their two-factor authentication, in People.`,
    );
  }
  return person.twoFactor
    ? { may: true }
    : refuse(`${person.name} does not use two-factor authentication.`);
}
