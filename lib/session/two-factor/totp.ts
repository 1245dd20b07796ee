import { Secret, TOTP } from "otpauth";

/** In s, and digits: what every authenticator app supports. @see https://www.rfc-editor.org/rfc/rfc6238 */
const period = 30;
const digits = 6;
/** Codes before and after the current one that are accepted: clocks differ, and people take time to type. */
const stepsAround = 1;

/** 160 bits in base32, as RFC 4226 §4 recommends. */
export function newSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/**
 * The content of the QR code.
 * @param host of this installation: an app may have several
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
export function authenticatorUri(secret: string, email: string, host: string): string {
  const issuer = `Usher (${host})`;
  return new TOTP({ issuer, label: email, secret, period, digits }).toString();
}

/** The time step in which the app shows this code; null: it is not valid now, nor just before or after. */
export function timeStepOf(secret: string, code: string, now: Date): number | null {
  const totp = new TOTP({ secret, period, digits });
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: stepsAround });
  return delta === null ? null : totp.counter({ timestamp }) + delta;
}
