import * as z from "zod";

/**
 * The tools of an assistant for which people may choose "Always allow". `NOT_DESTRUCTIVE`: those that the server
 * declares as such.
 */
export const alwaysAllowPolicy = z.enum(["NONE", "NOT_DESTRUCTIVE", "ALL"]);
export type AlwaysAllowPolicy = z.infer<typeof alwaysAllowPolicy>;

/** Why a tool that was always allowed now asks again for good. */
export const alwaysAllowEnd = z.enum(["tool_changed", "account_changed"]);
export type AlwaysAllowEnd = z.infer<typeof alwaysAllowEnd>;

/** Whether a call asks its person first, and why. @see decideAsking */
export const askDecision = z.object({
  should: z.boolean(),
  reason: z.enum([
    ...(["not_needed", "always_allowed", "not_allowed", "not_signed_in", "no_access"] as const),
    ...(["tool_gone", "unreviewed", "asks_always", "destructive", "off"] as const),
    ...(["not_connected", ...alwaysAllowEnd.options] as const),
  ]),
});
export type AskDecision = z.infer<typeof askDecision>;

/** At a waiting call. */
export const alwaysAllowView = z.object({
  policy: alwaysAllowPolicy,
  mayDestroy: z.boolean(),
  /** For the displayed definition: sent back with "Always allow". */
  fingerprint: z.string(),
  /** Why what the person always allowed before asks again; null: they did not, or it is for another reason. */
  ended: alwaysAllowEnd.nullable(),
});
export type AlwaysAllowView = z.infer<typeof alwaysAllowView>;

/** A tool that a person always allows, or did until it ended. */
export const alwaysAllowedTool = z.object({
  id: z.string(),
  assistantName: z.string(),
  serverName: z.string(),
  toolName: z.string(),
  toolTitle: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** For a call that they would make now. */
  asks: askDecision,
});

/** Newest first. */
export const alwaysAllowedList = z.object({ tools: z.array(alwaysAllowedTool) });
export type AlwaysAllowedList = z.infer<typeof alwaysAllowedList>;
