import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { beginLine, clauses, type DiscoveryContext, fetchDocument } from "@/lib/discovery/context";
import {
  type AuthorizationServerMetadata,
  authorizationServerUrls,
  defaultAuthorizationServer,
  readAuthorizationServer,
} from "@/lib/oauth/authorization-server-metadata";
import type { BearerChallenge } from "@/lib/oauth/challenge";
import {
  type ProtectedResource,
  protectedResourceUrls,
  readProtectedResource,
} from "@/lib/oauth/protected-resource";
import { parseUrl } from "@/lib/parse-url";

type FoundResource =
  | { outcome: "found"; resource: ProtectedResource }
  /** It publishes nothing, as servers of MCP 2025-03-26 do. */
  | { outcome: "absent" }
  | { outcome: "failed"; reason: string };

/**
 * Looks for the metadata of an MCP server: where its challenge says, else at the well-known places.
 * Metadata of something else end the search: they are not used, and nothing else is looked for that
 * could be.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
export async function* findProtectedResource(
  serverUrl: string,
  challenge: BearerChallenge | null,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, FoundResource> {
  for (const place of places(serverUrl, challenge)) {
    const line = beginLine("protected_resource", `GET ${place.url}`, place.clause);
    yield line.running;
    const document = await fetchDocument(place.url, ctx);
    if (!document.found) {
      yield line.ended("absent", `${document.what}: nothing is there.`);
      continue;
    }
    const read = readProtectedResource(document.parameters, serverUrl);
    if (read.ok) {
      const [first, ...others] = read.resource.authorizationServers;
      const more = others.length === 0 ? "" : ` and ${others.length} more`;
      yield line.ended("done", `200: tokens for this server come from ${first}${more}.`);
      return { outcome: "found", resource: read.resource };
    }
    const reason = `The server's metadata cannot be used: it ${read.problem}.`;
    yield line.ended(
      "failed",
      `200: it ${read.problem}.`,
      read.reason === "other_resource"
        ? "Check the URL: it must be the address that the server itself uses. Else ask its operator, or enter the OAuth settings by hand."
        : "Ask the server's operator, or enter the OAuth settings by hand.",
      clauses.resourceValidation,
    );
    return { outcome: "failed", reason };
  }
  return { outcome: "absent" };
}

function places(serverUrl: string, challenge: BearerChallenge | null) {
  const named = challenge?.resourceMetadata ?? null;
  const wellKnown = protectedResourceUrls(serverUrl).map((url) => ({
    url,
    clause: clauses.resourceRequest,
  }));
  if (named === null || !parseUrl(named)) return wellKnown;
  const other = wellKnown.filter(({ url }) => url !== named);
  return [{ url: named, clause: clauses.challenge }, ...other];
}

type FoundServer =
  | { outcome: "found"; server: AuthorizationServerMetadata }
  | { outcome: "absent" }
  | { outcome: "failed"; reason: string };

const BY_HAND = "Ask its operator, or enter the OAuth settings by hand.";

/**
 * Looks for the metadata of an issuer. A document that names another issuer ends the search: whoever
 * wrote it is not the one that was asked.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
export async function* findAuthorizationServer(
  issuer: string,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, FoundServer> {
  for (const { url, clause } of authorizationServerUrls(issuer)) {
    const line = beginLine("authorization_server", `GET ${url}`, clause);
    yield line.running;
    const document = await fetchDocument(url, ctx);
    if (!document.found) {
      yield line.ended("absent", `${document.what}: nothing is there.`);
      continue;
    }
    const read = readAuthorizationServer(document.parameters, issuer);
    if (!read.ok) {
      yield line.ended("failed", `200: it ${read.problem}.`, BY_HAND, clauses.issuerValidation);
      const reason = `The metadata of ${new URL(issuer).host} cannot be used: the document ${read.problem}. ${BY_HAND}`;
      return { outcome: "failed", reason };
    }
    const allowed = checkEndpoints(read.server, ctx);
    if (!allowed.ok) {
      yield line.ended("failed", `200: ${allowed.problem}`, BY_HAND);
      return { outcome: "failed", reason: `${allowed.problem} ${BY_HAND}` };
    }
    yield line.ended("done", `200: it is ${issuer}, and names its endpoints.`);
    return { outcome: "found", server: allowed.server };
  }
  return { outcome: "absent" };
}

/** The endpoints that MCP 2025-03-26 fixed, for a server that wants a token and publishes nothing. */
export function* assumeDefaults(
  serverUrl: string,
): Generator<DiscoveryLine, AuthorizationServerMetadata> {
  const server = defaultAuthorizationServer(serverUrl);
  const line = beginLine("authorization_server", "Which endpoints then?", clauses.defaults);
  yield line.ended(
    "warning",
    `Nothing is published, so it may be an older server: /authorize, /token and /register at ${server.issuer}.`,
    "These are a guess. If authorizing fails, enter the addresses that the provider's documentation names.",
  );
  return server;
}

/**
 * A server names addresses that a browser is sent to, and that secrets are sent to: they are checked
 * like those that an admin types. What is not needed is left out where it may not be asked.
 */
function checkEndpoints(
  server: AuthorizationServerMetadata,
  ctx: Pick<DiscoveryContext, "checkUrl">,
): { ok: true; server: AuthorizationServerMetadata } | { ok: false; problem: string } {
  for (const url of [server.authorizationEndpoint, server.tokenEndpoint]) {
    const decision = ctx.checkUrl(url);
    if (!decision.allowed) return { ok: false, problem: decision.userMessage };
  }
  const usable = (url: string | null) => (url !== null && ctx.checkUrl(url).allowed ? url : null);
  return {
    ok: true,
    server: {
      ...server,
      revocationEndpoint: usable(server.revocationEndpoint),
      registrationEndpoint: usable(server.registrationEndpoint),
    },
  };
}
