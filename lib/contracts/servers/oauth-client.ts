import { z } from "zod";

/**
 * How Usher becomes a client of an authorization server: somebody enters a client ID, or Usher does
 * it by itself, by the document at its own URL or by registering (RFC 7591).
 */
export const registrationMode = z.enum(["PRE_REGISTERED", "METADATA_DOCUMENT", "DYNAMIC"]);
export type RegistrationMode = z.infer<typeof registrationMode>;

/** Why a client was registered when it was. */
export const registrationReason = z.enum([
  "first",
  "issuer_changed",
  "callback_changed",
  "secret_expired",
  "forgotten",
]);
export type RegistrationReason = z.infer<typeof registrationReason>;
