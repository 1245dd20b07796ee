import { usesOAuth, type VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { matchVendorServer } from "@/lib/contracts/catalogue/vendor-server-url";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import { parseUrl } from "@/lib/parse-url";

/** The outcome of a discovery, as far as the catalogue has facts about it. */
export type FoundToday =
  | { outcome: "oauth"; settings: DiscoveredSettings }
  | { outcome: "open" | "credential" }
  | { outcome: "failed"; reason: string };

/**
 * Where a server's public metadata differ from its entry, as sentences after the entry's ID; empty: nowhere.
 * @param found what Discover found today
 */
export function driftOf(server: VendorServer, found: FoundToday): string[] {
  const { registration, endpoints } = server;
  switch (found.outcome) {
    case "failed":
      return [`could not be looked up: ${found.reason}`];
    case "open":
      return registration === "NONE" ? [] : ["answers without a sign-in now."];
    case "credential":
      if (registration === "NONE") return ["requires a credential now."];
      return usesOAuth(server) && endpoints === null ? ["publishes no OAuth metadata now."] : [];
    case "oauth":
      if (!usesOAuth(server))
        return [`publishes OAuth metadata now, and the entry says ${registration}.`];
      return oauthDrift(server, found.settings);
    default:
      return found satisfies never;
  }
}

function oauthDrift(server: VendorServer, found: DiscoveredSettings): string[] {
  const { registration, endpoints, authorizationHosts } = server;
  const drift: string[] = [];
  const byHand = found.registration === "PRE_REGISTERED";
  if (registration === "DYNAMIC" && byHand) drift.push("does not register clients any more.");
  // A document is read only over https from the internet, where the checking machine need not be.
  if (registration === "PRE_REGISTERED" && !byHand && !server.approvedClientsOnly) {
    drift.push(`registers clients automatically now (${found.registration}).`);
  }
  const host = parseUrl(found.authorizationEndpoint)?.host ?? found.authorizationEndpoint;
  if (authorizationHosts.length > 0 && !authorizationHosts.includes(host)) {
    drift.push(`sends people to ${host} now, and the entry says ${authorizationHosts.join(", ")}.`);
  } else if (endpoints !== null) {
    for (const name of ["authorizationEndpoint", "tokenEndpoint"] as const) {
      const template = { ...server, url: endpoints[name] };
      if (matchVendorServer(template, found[name]) === "exact") continue;
      drift.push(`publishes ${found[name]} now, and the entry says ${endpoints[name]}.`);
    }
  }
  return drift;
}
