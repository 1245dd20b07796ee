import type { RegistrationReason } from "@/lib/contracts/servers/oauth-client";
import type { Database } from "@/lib/db/client";
import { findMcpServer, type OAuthClientRow } from "@/lib/db/mcp-server";
import { saveRegistration, saveRegistrationForgotten } from "@/lib/db/oauth-client";
import { AuthorizationFailedError, ConflictError } from "@/lib/errors";
import {
  decideRegistration,
  type Registration,
  type RegistrationDecision,
  registrationMode,
} from "@/lib/oauth/registration-decision";
import { keepTrying, untilOver } from "@/lib/work-under-way";
import { callbackUrl } from "./client-document";
import type { AuthorizationContext, OAuthDiscovery, OAuthServer } from "./context";
import { findIssuer } from "./find-issuer";
import { isForgotten } from "./forgotten-client";
import { register } from "./register";

export interface ReadyClient {
  server: OAuthServer;
  /** RFC 9207 §3, from the issuer's current metadata. */
  issParameterRequired: boolean;
  /** Why Usher has just registered; null: it has not. */
  registered: RegistrationReason | null;
}

/** How long saving a new registration is retried. */
const saveForMs = 10_000;

/**
 * The server, with a client that its authorization server knows. What a person entered stays unchanged. With
 * automatic registration, Usher checks which authorization server that is, and registers if needed: the first
 * time, at another issuer, or after it was forgotten.
 *
 * @throws AuthorizationFailedError `registration_failed`
 */
export async function readyClient(
  ctx: AuthorizationContext,
  server: OAuthServer,
): Promise<ReadyClient> {
  const { oauthClient } = server;
  const asStored = {
    server,
    issParameterRequired: oauthClient.issParameterRequired,
    registered: null,
  };
  if (oauthClient.registration === "PRE_REGISTERED" || server.url === null) return asStored;

  const discovery = await findIssuer(ctx, oauthClient, server.url);
  if (discovery.outcome !== "oauth") {
    // The MCP server may be down. The stored client belongs to its issuer.
    if (oauthClient.clientId !== "") return asStored;
    throw failed(discovery.outcome === "open" ? wantsNoToken : discovery.reason);
  }
  const decision = decide(ctx, oauthClient, discovery, await isForgotten(ctx, server));
  const { issParameterRequired } = discovery.settings;
  if (decision.use === "stored") return { ...asStored, issParameterRequired };
  if (decision.use === "none") {
    throw failed(noClient(decision, oauthClient, discovery.settings.issuer));
  }

  const saving = registerAndSave(ctx, server, discovery, decision);
  const { columns, saved } = await ctx.underWay.keep(saving);
  const now = await reread(ctx.db, server.id);
  const { clientId, registeredIssuer } = now.oauthClient;
  // Another request registered at the same time: use that client.
  const theirs = clientId !== oauthClient.clientId && registeredIssuer === columns.registeredIssuer;
  if (!saved && !theirs) throw changedMeanwhile();
  if (saved && decision.mode === "METADATA_DOCUMENT" && (await isForgotten(ctx, now))) {
    // It could not read or refused our document: register, or leave it to a person.
    await saveRegistrationForgotten(ctx.db, server.id, clientId);
    return readyClient(ctx, await reread(ctx.db, server.id));
  }
  return { server: now, issParameterRequired, registered: saved ? decision.reason : null };
}

/** By then the provider has created a client, so it must be stored even if the person leaves. */
async function registerAndSave(
  ctx: AuthorizationContext,
  server: OAuthServer,
  discovery: OAuthDiscovery,
  decision: Extract<RegistrationDecision, { use: "new" }>,
) {
  const columns = await register(ctx, server, discovery, decision);
  const saved = await keepTrying(() => saveRegistration(ctx.db, server, columns), {
    what: "a registration",
    log: ctx.log,
    mayPause: untilOver(saveForMs),
  });
  if (saved) ctx.forget(server.id);
  return { columns, saved };
}

function decide(
  ctx: AuthorizationContext,
  row: OAuthClientRow,
  { settings, server }: OAuthDiscovery,
  forgotten: boolean,
): RegistrationDecision {
  // A server that refuses our document is not offered it again.
  const documentRefused = forgotten && row.registration === "METADATA_DOCUMENT";
  const { clientMetadataUrl } = ctx.discovery;
  return decideRegistration(registrationIn(row), {
    issuer: settings.issuer,
    mode: registrationMode(server, documentRefused ? null : clientMetadataUrl, row.registration),
    redirectUri: callbackUrl(ctx.env.publicUrl),
    clientMetadataUrl,
    at: ctx.now(),
    forgotten,
  });
}

function registrationIn(row: OAuthClientRow): Registration {
  return {
    mode: row.registration,
    clientId: row.clientId,
    issuer: row.registeredIssuer,
    redirectUri: row.registeredRedirectUri,
    clientSecretExpiresAt: row.clientSecretExpiresAt,
    reason: row.registeredBecause as RegistrationReason | null,
    proven: row.registrationProven,
  };
}

async function reread(db: Database, serverId: string): Promise<OAuthServer> {
  const server = await findMcpServer(db, serverId);
  if (!server?.oauthClient) throw changedMeanwhile();
  return { ...server, oauthClient: server.oauthClient };
}

const wantsNoToken =
  "The MCP server answers without a token now and names no authorization server. Ask an admin to change its Authentication, or enter the OAuth settings by hand.";

function noClient(
  { reason }: Extract<RegistrationDecision, { use: "none" }>,
  { registration, clientId }: OAuthClientRow,
  issuer: string,
): string {
  const { host } = new URL(issuer);
  const byHand = "Ask an admin to register Usher there by hand, and enter the client ID.";
  if (reason === "forgotten_again") {
    return `${host} does not know the client that it has just registered. Its operator must look into it. ${byHand}`;
  }
  return registration === "METADATA_DOCUMENT"
    ? `${host} does not take Usher's own document at ${clientId} as a client. Check that it can be read from the internet. ${byHand}`
    : `${host} does not offer client registration. ${byHand}`;
}

function changedMeanwhile(): ConflictError {
  return new ConflictError("The settings of this server changed in the meantime. Authorize again.");
}

function failed(reason: string): AuthorizationFailedError {
  return new AuthorizationFailedError("registration_failed", reason);
}
