import * as z from "zod";
import type { ResetLinkAsker } from "./password-reset";
import type { Person } from "./person";

export const recoveryCodeCount = 10;

/** For the requesting person. */
export const secondStepView = z.object({
  /** ISO 8601. Null: signing in asks only for the password. */
  since: z.string().nullable(),
  /** How many recovery codes are left. */
  recoveryCodes: z.number(),
  /** REQUIRE_SECOND_STEP. */
  required: z.boolean(),
});
export type SecondStepView = z.infer<typeof secondStepView>;

/** For the authenticator app. Takes effect once a code from it has been entered. */
export const secondStepSecret = z.object({
  /** Base32, RFC 4648. */
  secret: z.string(),
  /** `otpauth://totp/…`. */
  uri: z.string(),
  /** The URL as a QR code: `path` fills a square of `size` units, including its quiet zone. */
  qr: z.object({ size: z.number(), path: z.string() }),
});
export type SecondStepSecret = z.infer<typeof secondStepSecret>;

/** From the app, or a recovery code. */
const code = z.string().trim().min(1, "Enter the code.").max(40, "That is too long for a code.");

export const secondStepCode = z.object({ code });
export type SecondStepCode = z.infer<typeof secondStepCode>;

const password = z.string().min(1, "Enter your password.").max(200);

/** `password`: unless `asksPasswordFirst` says that it was just given. */
export const secondStepSetUp = z.strictObject({ password: password.optional() });
export type SecondStepSetUp = z.infer<typeof secondStepSetUp>;

/** Proves that the person themselves turns it off, and not someone at their unlocked browser. */
export const secondStepProof = z.union([z.strictObject({ password }), z.strictObject({ code })]);
export type SecondStepProof = z.infer<typeof secondStepProof>;

/** Shown once: only their hashes are stored. */
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof recoveryCodes>;

type Decision = { may: true } | { may: false; reason: string };

/** A password given to sign in also starts the set-up of a required second step for this long. */
export const justSignedInMs = 10 * 60_000;

/**
 * Whether setting one up asks for the password. Otherwise somebody at an unlocked browser could set up their own app and
 * lock the owner out. A set-up that sign-in requires doesn't ask twice.
 */
export function asksPasswordFirst(
  session: { mustSetUpSecondStep: boolean; signedInAt: Date },
  now: Date,
): boolean {
  const justSignedIn = now.getTime() - session.signedInAt.getTime() < justSignedInMs;
  return !(session.mustSetUpSecondStep && justSignedIn);
}

/** Whether a person's second step may be removed without a code. A stolen session must not remove its own. */
export function decideSecondStepReset(
  person: Pick<Person, "name" | "email" | "role" | "secondStep">,
  asker: ResetLinkAsker,
): Decision {
  const refuse = (reason: string): Decision => ({ may: false, reason });
  if (asker === "themselves") {
    return refuse("Turn off your own second step in Settings, under Your account.");
  }
  if (asker === "operator" && person.role !== "ADMIN") {
    return refuse(`${person.email} is not an admin. An admin can reset it, in People.`);
  }
  return person.secondStep ? { may: true } : refuse(`${person.name} has no second step.`);
}
