import { Secret, TOTP } from "otpauth";

/** What an authenticator app shows. @param stepsLater of 30 s each */
export function codeAt(secret: string, now: Date, stepsLater = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return totp.generate({ timestamp: now.getTime() + stepsLater * 30_000 });
}
