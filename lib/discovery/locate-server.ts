import type { DiscoveryLine, DiscoveryResult } from "@/lib/contracts/servers/discovery";
import type { DiscoveryContext } from "@/lib/discovery/context";
import { findAuthorizationServer } from "@/lib/discovery/find-authorization-server";
import { tryDefaults } from "@/lib/discovery/older-server";
import type { AuthorizationServerMetadata } from "@/lib/oauth/authorization-server-metadata";
import type { ProtectedResource } from "@/lib/oauth/protected-resource";
import { shownIdentifier } from "@/lib/untrusted-text";

/** Among those that a server names, the first usable one is taken. */
const MOST_SERVERS_ASKED = 3;

type Located = {
  outcome: "found";
  server: AuthorizationServerMetadata;
  /** The MCP server's name for it, if its own name is different; null: both are one. */
  alias: string | null;
};

/**
 * Finds the authorization server of an MCP server. One at which people can consent comes before one that offers other
 * grants only, and both before one that has another name.
 */
export async function* locateServer(
  serverUrl: string,
  resource: ProtectedResource | null,
  ctx: DiscoveryContext,
): AsyncGenerator<
  DiscoveryLine,
  Located | Extract<DiscoveryResult, { outcome: "failed" | "credential" }>
> {
  const named = resource?.authorizationServers.slice(0, MOST_SERVERS_ASKED) ?? [];
  const issuers = named.length > 0 ? named : [new URL(serverUrl).origin];
  const byHand = "Ask the server's operator, or enter the OAuth settings by hand.";
  let reason = `No metadata were found at ${issuers.join(", ")}. ${byHand}`;
  let withoutConsent: Located | null = null;
  let byAnotherName: Located | null = null;
  for (const issuer of issuers) {
    const address = ctx.checkUrl(issuer);
    if (!address.allowed) {
      reason = `The MCP server names the authorization server ${shownIdentifier(issuer)}, which cannot be used: ${address.userMessage} ${byHand}`;
      continue;
    }
    const found = yield* findAuthorizationServer(issuer, ctx);
    if (found.outcome === "found" && found.alias) byAnotherName ??= { ...found, alias: issuer };
    else if (found.outcome === "found") {
      const located: Located = { ...found, alias: null };
      if (found.server.authorizationEndpoint !== "") return located;
      withoutConsent ??= located;
    } else if (found.outcome === "failed") reason = found.reason;
    else {
      const away = found.outcome === "away" ? found.reason : null;
      if (resource === null) return yield* withoutMetadata(serverUrl, away, ctx);
      if (found.outcome === "absent" && found.isRefused) {
        reason = `${issuer} does not let Usher read its metadata, as behind a firewall or a sign-in. ${byHand}`;
      }
      if (away !== null) {
        reason = `${away} Usher asked it as the MCP server's authorization server, ${issuer}. The OAuth settings can also be entered by hand.`;
      }
    }
  }
  return withoutConsent ?? byAnotherName ?? { outcome: "failed", reason };
}

/**
 * For a server that requires a token and says nothing about it: an MCP 2025-03-26 server is its own authorization
 * server, at its origin; some publish that below their path.
 *
 * @param away why its origin could not say anything; null: it said that there is nothing
 */
async function* withoutMetadata(
  serverUrl: string,
  away: string | null,
  ctx: DiscoveryContext,
): AsyncGenerator<
  DiscoveryLine,
  Located | Extract<DiscoveryResult, { outcome: "failed" | "credential" }>
> {
  const { origin, pathname, host } = new URL(serverUrl);
  if (pathname !== "/") {
    const issuer = origin + pathname.replace(/\/$/, "");
    const below = yield* findAuthorizationServer(issuer, ctx);
    if (below.outcome === "found") return { ...below, alias: below.alias ? issuer : null };
  }
  const server = yield* tryDefaults(serverUrl, ctx);
  if (server !== null) return { outcome: "found", server, alias: null };
  const start =
    away === null
      ? `${host} requires a credential and publishes no OAuth. Is it an API key?`
      : `${host} requires a credential. ${away} If it has no OAuth: is it an API key?`;
  return {
    outcome: "credential",
    reason: `${start} Enter it as a header; its documentation says which.`,
  };
}
