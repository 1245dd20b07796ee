import * as z from "zod";

/** What happened between Usher and a provider. Each is governed by a clause, see `clauseOf`. */
export const flowStepKind = z.enum([
  "registration",
  "authorization_request",
  "authorization_response",
  "code_exchange",
  "refresh",
  "client_credentials",
  "token_exchange",
  "jwt_bearer",
  "revocation",
  "challenge",
  "key_refused",
  "userinfo",
  "introspection",
  "account_tool",
]);
export type FlowStepKind = z.infer<typeof flowStepKind>;

/** A known name, and its value if that is known to be safe. Null: redacted. */
const shownValue = z.object({ name: z.string(), value: z.string().nullable() });
export type ShownValue = z.infer<typeof shownValue>;

/** One request and its response, redacted by an allow-list (lib/oauth/recorded-exchange.ts). */
export const flowStep = z.object({
  kind: flowStepKind,
  /** ISO 8601. */
  at: z.string(),
  /** Until the complete response arrived; null if nothing was waited for. */
  durationMs: z.number().nullable(),
  request: z
    .object({
      method: z.string(),
      /** Without its query. */
      url: z.string(),
      /** The scheme of the Authorization header; its credentials are never kept. */
      authorization: z.string().nullable(),
      parameters: z.array(shownValue),
      /** Parameters of which not even the name is known to be safe. */
      otherParameters: z.number(),
    })
    .nullable(),
  answer: z
    .object({
      status: z.number(),
      contentType: z.string().nullable(),
      fields: z.array(shownValue),
      otherFields: z.number(),
    })
    .nullable(),
  /** The other side's text, truncated and sanitized. */
  error: z.string().nullable(),
  errorDescription: z.string().nullable(),
  /** Why no response came, in plain words. */
  problem: z.string().nullable(),
});
export type FlowStep = z.infer<typeof flowStep>;

export const flowKind = z.enum([
  "AUTHORIZATION",
  "REFRESH",
  "REVOCATION",
  "REGISTRATION",
  "STEP_UP",
  "PERSONAL_KEY",
]);
export type FlowKind = z.infer<typeof flowKind>;

/**
 * `waiting`: the person is at the provider. `unfinished`: they never came back. `refused`: another
 * person, or another browser, came back with it; the flow itself continues. `retrying`: nothing was lost.
 */
export const flowOutcome = z.enum([
  "succeeded",
  "waiting",
  "unfinished",
  "refused",
  "retrying",
  "failed",
]);
export type FlowOutcome = z.infer<typeof flowOutcome>;

export const flowTrigger = z.enum(["person", "call", "sweep"]);
export type FlowTrigger = z.infer<typeof flowTrigger>;

export const flowView = z.object({
  id: z.string(),
  kind: flowKind,
  outcome: flowOutcome,
  /** In plain words, with what to do; null if nothing has to be done. */
  reason: z.string().nullable(),
  trigger: flowTrigger,
  /** Whose account; null: the shared one. */
  owner: z.string().nullable(),
  /** Name of the person who started it; null: no one did. */
  actor: z.string().nullable(),
  at: z.string(),
  /** For everything that was waited for. */
  durationMs: z.number().nullable(),
  steps: z.array(flowStep),
});
export type FlowView = z.infer<typeof flowView>;

/** Newest first. */
export const flowList = z.object({ flows: z.array(flowView) });
export type FlowList = z.infer<typeof flowList>;

const rfc = (number: number, section: string) => ({
  name: `RFC ${number} §${section}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
});

/** The specification of each step. */
export function clauseOf(kind: FlowStepKind): { name: string; url: string } {
  switch (kind) {
    case "registration":
      return rfc(7591, "3.1");
    case "authorization_request":
      return rfc(6749, "4.1.1");
    case "authorization_response":
      return rfc(6749, "4.1.2");
    case "code_exchange":
      return rfc(6749, "4.1.3");
    case "refresh":
      return rfc(6749, "6");
    case "client_credentials":
      return rfc(6749, "4.4.2");
    case "token_exchange":
      return rfc(8693, "2.1");
    case "jwt_bearer":
      return rfc(7523, "2.1");
    case "revocation":
      return rfc(7009, "2.1");
    case "challenge":
      return rfc(6750, "3.1");
    case "userinfo":
      return {
        name: "OpenID Connect Core §5.3",
        url: "https://openid.net/specs/openid-connect-core-1_0.html#UserInfo",
      };
    case "account_tool":
      return {
        name: "MCP, Calling Tools",
        url: "https://modelcontextprotocol.io/specification/2025-11-25/server/tools#calling-tools",
      };
    case "introspection":
      return rfc(7662, "2");
    case "key_refused":
      return rfc(9110, "15.5.2");
  }
}
