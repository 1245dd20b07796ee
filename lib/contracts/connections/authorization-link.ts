import * as z from "zod";
import { newAccount } from "./asked-account";
import { accountName } from "./own-account";

/** Seconds that a program waits between two polls. @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5 */
export const pollSeconds = 2;

export const authorizationLinkState = z.enum(["pending", "connected", "failed", "expired"]);
export type AuthorizationLinkState = z.infer<typeof authorizationLinkState>;

export const authorizationLinkQuery = z.object({
  /** Absent: the caller's first account, or the team's at a Shared server. */
  account: z
    .union([accountName, z.literal(newAccount)], "Use first, new, team, or the id of your account.")
    .optional(),
});

/** A consent that a program requested, and its state. */
export const authorizationLink = z.object({
  id: z.string(),
  status: authorizationLinkState,
  /** For `failed`: what happened and what to do. */
  reason: z.string().nullable(),
  /** A page of Usher, for a person to open in a browser. It contains no secret. */
  authorizationUrl: z.string(),
  /** Until when the page can be opened, or once it has been, until when the provider may answer. ISO 8601. */
  expiresAt: z.string(),
  /** Seconds to wait before the next poll. */
  interval: z.number(),
});
export type AuthorizationLink = z.infer<typeof authorizationLink>;
