import * as z from "zod";
import { accountName } from "@/lib/contracts/connections/own-account";
import { tokenSharings } from "@/lib/contracts/servers/kinds";

/**
 * The stored prompt for a missing consent: one for each server and step, all of a message's in one card. It
 * contains no URL: the authorization starts on click, at `/oauth/authorize/{serverId}`. Its current state
 * comes from `GET …/paused-tool-calls`.
 */
export const authorizationRequiredPart = z.object({
  serverId: z.string(),
  serverName: z.string(),
  /** For the missing account: `SHARED` for the team's. */
  tokenSharing: z.enum(tokenSharings),
  /** Which of the person's accounts it is for; absent: their first, or the only one. */
  account: accountName.optional(),
  /** Calls of this turn that wait for this consent. */
  toolCallIds: z.array(z.string()),
  /** In plain words: never connected, expired, revoked at the provider. */
  reason: z.string(),
  /** A key of the person's own is missing, not a consent. */
  asksForKey: z.literal(true).optional(),
  /** Connected, but with too few scopes for a call. */
  stepUp: z
    .object({
      /** The newly requested scopes. */
      added: z.array(z.string()),
      /** All scopes that the consent requests. */
      scope: z.array(z.string()),
    })
    .optional(),
});
export type AuthorizationRequiredPart = z.infer<typeof authorizationRequiredPart>;

/** The stored prompt to choose an account: one for each server and step. The choices come with the paused calls. */
export const accountRequiredPart = z.object({
  serverId: z.string(),
  serverName: z.string(),
  /** Calls of this turn that wait for it. */
  toolCallIds: z.array(z.string()),
  /** Why the person has to choose, in plain words. */
  reason: z.string(),
});
export type AccountRequiredPart = z.infer<typeof accountRequiredPart>;

/** The stored prompt to confirm calls. Their state and arguments come with the paused calls. */
export const confirmationRequiredPart = z.object({
  toolCallId: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  toolName: z.string(),
  toolTitle: z.string(),
});
export type ConfirmationRequiredPart = z.infer<typeof confirmationRequiredPart>;
