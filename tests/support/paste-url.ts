import { randomUUID } from "node:crypto";
import { POST as discoverRoute } from "@/app/api/mcp-servers/discover/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import {
  type DiscoveredSettings,
  type DiscoveryLine,
  type DiscoveryResult,
  discoveryEvent,
} from "@/lib/contracts/servers/discovery";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";
import { clickAuthorize, openCallback } from "./authorize";
import { serverInput } from "./server-input";
import type { Visitor } from "./visitor";

/** Pastes a URL into the form. Resolves to the checklist in its final state. */
export async function discoverUrl(
  visitor: Visitor,
  url: string,
): Promise<{ lines: DiscoveryLine[]; result: DiscoveryResult }> {
  const response = await visitor.visit(discoverRoute, {
    path: "/api/mcp-servers/discover",
    json: { url },
  });
  const events = (await response.text())
    .trim()
    .split("\n")
    .map((line) => discoveryEvent.parse(JSON.parse(line)));
  const lines = new Map<string, DiscoveryLine>();
  let result: DiscoveryResult | undefined;
  for (const event of events) {
    if ("line" in event) lines.set(event.line.id, event.line);
    else result = event.result;
  }
  if (!result) throw new Error("The stream ended without a result.");
  return { lines: [...lines.values()], result };
}

/** What the form sends when it is saved as filled in. */
export function discoveredInput(
  url: string,
  settings: DiscoveredSettings,
  oauth: Partial<OAuthClientInput> = {},
): McpServerInput {
  const { revocationEndpoint, scope, resource, ...rest } = settings;
  return serverInput({
    // Another server may have had this port before.
    name: `Server at ${new URL(url).host} (${randomUUID()})`,
    url,
    authentication: "OAUTH",
    oauth: {
      ...rest,
      revocationEndpoint: revocationEndpoint ?? "",
      scope: scope ?? "",
      resource: resource ?? "",
      ...oauth,
    },
  });
}

/** From a pasted URL to a saved server. Resolves to its id. */
export async function addByUrl(
  visitor: Visitor,
  url: string,
  oauth: Partial<OAuthClientInput> = {},
): Promise<string> {
  const { result } = await discoverUrl(visitor, url);
  if (result.outcome !== "oauth") throw new Error(`It ended as ${JSON.stringify(result)}.`);
  const response = await visitor.visit(createRoute, {
    path: "/api/mcp-servers",
    json: discoveredInput(url, result.settings, oauth),
  });
  const saved = (await response.json()) as { id: string };
  if (response.status !== 201) throw new Error(JSON.stringify(saved));
  return saved.id;
}

/** Authorizes at a provider that asks for no consent. Resolves to where the browser ends. */
export async function authorizeUnasked(visitor: Visitor, serverId: string): Promise<string> {
  const authorizationUrl = await clickAuthorize(visitor, serverId);
  if (!URL.canParse(authorizationUrl)) return authorizationUrl;
  if (new URL(authorizationUrl).pathname.startsWith("/oauth/")) return authorizationUrl;
  const sent = await fetch(authorizationUrl, { redirect: "manual" });
  const callbackUrl = sent.headers.get("location");
  if (callbackUrl === null) {
    throw new Error(`The provider sent nobody back: ${sent.status} ${await sent.text()}`);
  }
  const response = await openCallback(visitor, new URL(callbackUrl));
  return response.headers.get("location") ?? "";
}
