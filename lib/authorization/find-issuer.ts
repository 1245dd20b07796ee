import type { OAuthClientRow } from "@/lib/db/mcp-server";
import { type Discovery, discoverQuietly } from "@/lib/discovery/discover";
import { findAuthorizationServer } from "@/lib/discovery/find-authorization-server";
import type { AuthorizationServerMetadata } from "@/lib/oauth/authorization-server-metadata";
import type { AuthorizationContext, OAuthDiscovery } from "./context";

/** A person waits for this, with the provider's page still to come. */
const timeLimitMs = 15_000;

type Found = OAuthDiscovery | Exclude<Discovery, { outcome: "oauth" }>;

/**
 * Where Usher registers: at the issuer that an admin entered, with the URLs that they entered, or
 * at the one that the MCP server names. Before the first registration the stored values are what an admin
 * saw and saved, so they decide; afterwards, Usher follows a server that names another issuer in its metadata, unless
 * the issuer was entered by hand.
 */
export async function findIssuer(
  ctx: AuthorizationContext,
  client: OAuthClientRow,
  serverUrl: string,
): Promise<Found> {
  const signal = AbortSignal.timeout(timeLimitMs);
  const discovery = { ...ctx.discovery, signal };
  try {
    if (client.registrationEndpoint !== null || !client.followsServer) {
      return await askIssuer(discovery, client);
    }
    const found = await discoverQuietly(serverUrl, discovery);
    const named = found.outcome === "oauth" ? found.settings.issuer : null;
    const isOther = client.issuer !== null && client.issuer !== named;
    if (isOther && client.clientId === "") return await askIssuer(discovery, client);
    if (isOther && found.outcome === "oauth" && found.resource === null) {
      // Its metadata are away, perhaps for a moment, and its origin is only a guess.
      const asked = await askIssuer(discovery, client);
      if (asked.outcome !== "oauth") return asked;
      const { byHand: _, ...followed } = asked;
      return followed;
    }
    const problem = found.outcome === "oauth" ? notConfirmed(found, client) : null;
    return problem === null ? found : { outcome: "failed", reason: problem };
  } catch (error) {
    if (!signal.aborted) throw error;
    return { outcome: "failed", reason: "Its metadata took too long to come. Try again later." };
  }
}

/** What only an admin can confirm, and has not confirmed. */
function notConfirmed({ server, alias }: OAuthDiscovery, client: OAuthClientRow): string | null {
  const { host } = new URL(server.issuer);
  if (server.authorizationEndpoint === "") {
    return `${host} offers no authorization code: its metadata name no authorization_endpoint that could be used, so nobody can consent there. Ask an admin to click Discover on the server's form, which chooses a grant type that it offers.`;
  }
  if (alias !== null && (client.issuerAlias !== alias || client.issuer !== server.issuer)) {
    return `The MCP server names the issuer ${alias}, whose metadata name ${server.issuer}. If both are the same provider, ask an admin to click Discover on the server's form and turn on Use this issuer.`;
  }
  if (!server.supportsS256 && !client.s256Confirmed) {
    return `${host} does not say that it supports PKCE by S256. If it does, ask an admin to click Discover on the server's form and turn on This provider supports S256.`;
  }
  return null;
}

async function askIssuer(
  ctx: AuthorizationContext["discovery"],
  client: OAuthClientRow,
): Promise<Found> {
  const issuer = client.issuer ?? new URL(client.authorizationEndpoint).origin;
  const lines = findAuthorizationServer(issuer, ctx);
  let step = await lines.next();
  while (!step.done) step = await lines.next();
  const found = step.value.outcome === "found" && !step.value.alias ? step.value.server : null;
  const registrationEndpoint = client.registrationEndpoint ?? found?.registrationEndpoint ?? null;
  if (client.clientId === "" && registrationEndpoint === null) {
    const problem =
      step.value.outcome === "failed"
        ? step.value.reason
        : `${new URL(issuer).host} names no registration endpoint.`;
    return {
      outcome: "failed",
      reason: `${problem} Ask an admin to enter the Registration URL on the server's form, or register Usher by hand.`,
    };
  }
  const server = { ...(found ?? asEntered(client)), issuer, registrationEndpoint };
  return {
    outcome: "oauth",
    byHand: true,
    server,
    alias: null,
    resource: null,
    settings: storedSettings(client, issuer),
  };
}

/** For an issuer that publishes nothing: it uses what was entered. */
function asEntered(client: OAuthClientRow): Omit<AuthorizationServerMetadata, "issuer"> {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint } = client;
  return {
    ...{ authorizationEndpoint, tokenEndpoint, revocationEndpoint },
    registrationEndpoint: null,
    scopesSupported: null,
    tokenEndpointAuthMethods: [client.tokenEndpointAuthMethod],
    supportsS256: true,
    issParameterSupported: false,
    clientIdMetadataDocumentSupported: client.registration === "METADATA_DOCUMENT",
    acceptsIdJags: "unknown",
    grantsWithoutConsent: [],
  };
}

function storedSettings(client: OAuthClientRow, issuer: string): OAuthDiscovery["settings"] {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, scope, resource } = client;
  const { registration, tokenEndpointAuthMethod, issParameterRequired } = client;
  return {
    ...{ issuer, authorizationEndpoint, tokenEndpoint, revocationEndpoint, scope, resource },
    ...{ registration, tokenEndpointAuthMethod, issParameterRequired },
    extraAuthorizationParameters: "",
  };
}
