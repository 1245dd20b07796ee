import * as z from "zod";
import { tokenSharing } from "@/lib/contracts/connections/connection";
import { grantType, registrationMode, tokenEndpointAuthMethod } from "./oauth-client";

export const discoveryStep = z.enum([
  "server",
  "protected_resource",
  "authorization_server",
  /** How Usher gets tokens; only if no one can consent. */
  "grant",
  "pkce",
  "registration",
  "revocation",
  "scopes",
  /** What the catalogue knows about this server; only if it does. */
  "catalogue",
]);
export type DiscoveryStep = z.infer<typeof discoveryStep>;

/** One line of the checklist. All text is Usher's own, or quoted and truncated. */
export const discoveryLine = z.object({
  /** A later line with the same id replaces it. */
  id: z.string(),
  step: discoveryStep,
  /**
   * `absent`: checked there, and it is elsewhere or nowhere; nothing is wrong yet. `warning`: works,
   * but read the advice. `failed`: it ends here.
   */
  state: z.enum(["running", "done", "absent", "warning", "failed"]),
  /** A request as `GET https://…`, or a question. */
  asked: z.string(),
  /** Null while it is running. */
  answered: z.string().nullable(),
  /** What to do about it; null: nothing. */
  advice: z.string().nullable(),
  /** The specification that says so. */
  clause: z.object({ name: z.string(), url: z.string() }),
});
export type DiscoveryLine = z.infer<typeof discoveryLine>;

/** The values to fill the form in with. Everything can be changed there. */
export const discoveredSettings = z.object({
  issuer: z.string(),
  /** Empty: no one can consent there. */
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  revocationEndpoint: z.string().nullable(),
  /** How Usher can become a client there; `PRE_REGISTERED`: a person enters an ID. */
  registration: registrationMode,
  tokenEndpointAuthMethod,
  scope: z.string().nullable(),
  /** In the form's syntax: `name=value`, one per line. */
  extraAuthorizationParameters: z.string(),
  /** As published; null: nothing is published, and the server's URL applies. */
  resource: z.string().nullable(),
  /** Every authorization response must name its issuer. */
  issParameterRequired: z.boolean(),
  /** Present if no one can consent there: what works instead. */
  ...{ grantType: grantType.optional(), tokenSharing: tokenSharing.optional() },
  /** Present if the metadata do not name S256: an admin has to confirm that the provider supports it. */
  s256Confirmed: z.literal(false).optional(),
  /** The MCP server's name for the issuer. Present if the issuer's own metadata differ: an admin has to accept that. */
  issuerAlias: z.string().optional(),
  issuerAccepted: z.literal(false).optional(),
});
export type DiscoveredSettings = z.infer<typeof discoveredSettings>;

const support = z.enum(["yes", "no", "unknown"]);

/** Whether ID-JAGs, with which an identity provider decides for people, can be obtained and are accepted. */
export const identityAssertion = z.object({
  /** According to the authorization server. */
  supported: support,
  /** By the identity provider of Usher's sign-in. Null: none is set up, or the server does not accept ID-JAGs. */
  issued: z.object({ provider: z.string(), supported: support }).nullable(),
});

/** The server's own name and description, on one line each and truncated; null: not given. */
export const serverIdentity = z.object({
  name: z.string().nullable(),
  description: z.string().nullable(),
});
export type ServerIdentity = z.infer<typeof serverIdentity>;

export const discoveryResult = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("oauth"),
    settings: discoveredSettings,
    identityAssertion,
    identity: serverIdentity,
  }),
  /** It answers without a sign-in, and names no authorization server. */
  z.object({ outcome: z.literal("open"), identity: serverIdentity }),
  /** It requires a credential and publishes no OAuth: perhaps an API key, in a header. */
  z.object({ outcome: z.literal("credential"), reason: z.string() }),
  z.object({
    outcome: z.literal("failed"),
    /** In plain words, with what to do. */
    reason: z.string(),
    /** Where the server redirected to, at the same origin; to be tried instead. */
    correctedUrl: z.string().optional(),
  }),
]);
export type DiscoveryResult = z.infer<typeof discoveryResult>;

/** One line of the stream: newline-delimited JSON, the result last. */
export const discoveryEvent = z.union([
  z.object({ line: discoveryLine }),
  z.object({ result: discoveryResult }),
]);
export type DiscoveryEvent = z.infer<typeof discoveryEvent>;

export const discoverInput = z.object({
  url: z.string().trim().min(1, "Enter the URL of the MCP server.").max(2000),
});
