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

/** RFC 6749 §3.3: printable ASCII without space, `"` and `\`, separated by one space. */
export const scopeText = z
  .string()
  .trim()
  .max(4000, "Scopes may have 4000 characters at most.")
  .transform((text) => text.split(/\s+/).join(" "))
  .refine((text) => /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text), {
    message: 'Separate scopes by spaces; a scope has no quotes (") and no backslash.',
  });
