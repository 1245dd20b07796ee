import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { beginLine, clauses, type DiscoveryContext, fetchDocument } from "@/lib/discovery/context";
import {
  type AuthorizationServerMetadata,
  authorizationServerUrls,
  originMetadata,
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
  /** It publishes nothing, like servers of MCP 2025-03-26. */
  | { outcome: "absent" }
  | { outcome: "failed"; reason: string };

/**
 * Looks for the metadata of an MCP server: where its challenge says, otherwise at the well-known locations.
 * Metadata of another resource end the search: they are not used, and no other possible source is
 * looked for.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
export async function* findProtectedResource(
  serverUrl: string,
  challenge: BearerChallenge | null,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, FoundResource> {
  let failed: FoundResource | null = null;
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
      if (first === undefined) {
        const { origin } = new URL(serverUrl);
        yield line.ended(
          "warning",
          "200: it names no authorization server.",
          `Usher looks at the server's own origin, ${origin}, instead. Ask its operator to add authorization_servers.`,
        );
        return { outcome: "found", resource: read.resource };
      }
      const more = others.length === 0 ? "" : ` and ${others.length} more`;
      yield line.ended("done", `200: tokens for this server come from ${first}${more}.`);
      return { outcome: "found", resource: read.resource };
    }
    const reason = `The server's metadata cannot be used: it ${read.problem}.`;
    // Another location may have the right ones.
    failed ??= { outcome: "failed", reason };
    yield line.ended(
      "failed",
      `200: it ${read.problem}.`,
      read.reason === "other_resource"
        ? "Check the URL: it must be the address that the server itself uses. Else ask its operator, or enter the OAuth settings by hand."
        : "Ask the server's operator, or enter the OAuth settings by hand.",
      clauses.resourceValidation,
    );
  }
  return failed ?? { outcome: "absent" };
}

function places(serverUrl: string, challenge: BearerChallenge | null) {
  const server = new URL(serverUrl);
  const named = (challenge?.resourceMetadata ?? []).flatMap((place) => {
    const url = parseUrl(place, server);
    return url && /^https?:$/.test(url.protocol) ? [url.href] : [];
  });
  const wellKnown = protectedResourceUrls(serverUrl).filter((url) => !named.includes(url));
  return [
    ...named.map((url) => ({ url, clause: clauses.challenge })),
    ...wellKnown.map((url) => ({ url, clause: clauses.resourceRequest })),
  ];
}

type FoundServer =
  | {
      outcome: "found";
      server: AuthorizationServerMetadata /** Its own name is another one. */;
      alias: boolean;
    }
  | { outcome: "absent" }
  | { outcome: "failed"; reason: string };

const BY_HAND = "Ask its operator, or enter the OAuth settings by hand.";

/**
 * Looks for the metadata of an issuer. A document that names another issuer is used only if no location
 * has one that names this, and only once an admin has accepted it. If a document does not name S256
 * or an authorization endpoint, the others are checked as well. The origin comes last.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
export async function* findAuthorizationServer(
  issuer: string,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, FoundServer> {
  let own: AuthorizationServerMetadata | null = null;
  let other: AuthorizationServerMetadata | null = null;
  let problem: string | null = null;
  const atOrigin = originMetadata(issuer);
  for (const place of [...authorizationServerUrls(issuer), ...(atOrigin ? [atOrigin] : [])]) {
    const { url, clause } = place;
    // The origin may be another server: it is asked only if the issuer itself publishes nothing usable.
    if (place === atOrigin && (own !== null || other !== null)) break;
    const line = beginLine("authorization_server", `GET ${url}`, clause);
    yield line.running;
    const document = await fetchDocument(url, ctx);
    if (!document.found) {
      yield line.ended("absent", `${document.what}: nothing is there.`);
      continue;
    }
    const read = readAuthorizationServer(document.parameters, issuer);
    if (!read.ok) {
      problem ??= `The metadata of ${new URL(issuer).host} cannot be used: the document ${read.problem}. ${BY_HAND}`;
      const isOther = read.reason === "other_issuer" && read.server !== null;
      if (isOther) other ??= read.server;
      const advice = isOther
        ? "If both are the same provider, choose Use this issuer below."
        : BY_HAND;
      yield line.ended(
        isOther ? "warning" : "failed",
        `200: it ${read.problem}.`,
        advice,
        clauses.issuerValidation,
      );
      continue;
    }
    const allowed = checkEndpoints(read.server, ctx);
    if (!allowed.ok) {
      yield line.ended("failed", `200: ${allowed.problem}`, BY_HAND);
      return { outcome: "failed", reason: `${allowed.problem} ${BY_HAND}` };
    }
    yield line.ended("done", `200: it is ${read.server.issuer}, and names its endpoints.`);
    own = own === null ? allowed.server : completed(own, allowed.server);
    if (own.supportsS256 && own.authorizationEndpoint !== "") break;
  }
  if (own !== null) return { outcome: "found", server: own, alias: false };
  const allowed = other === null ? null : checkEndpoints(other, ctx);
  if (allowed?.ok) return { outcome: "found", server: allowed.server, alias: true };
  const reason = allowed === null ? problem : `${allowed.problem} ${BY_HAND}`;
  return reason === null ? { outcome: "absent" } : { outcome: "failed", reason };
}

/** What one of an issuer's documents omits, another one may contain. */
function completed(
  first: AuthorizationServerMetadata,
  second: AuthorizationServerMetadata,
): AuthorizationServerMetadata {
  return {
    ...first,
    authorizationEndpoint: first.authorizationEndpoint || second.authorizationEndpoint,
    supportsS256: first.supportsS256 || second.supportsS256,
    revocationEndpoint: first.revocationEndpoint ?? second.revocationEndpoint,
    registrationEndpoint: first.registrationEndpoint ?? second.registrationEndpoint,
    scopesSupported: first.scopesSupported ?? second.scopesSupported,
    acceptsIdJags: first.acceptsIdJags === "unknown" ? second.acceptsIdJags : first.acceptsIdJags,
  };
}

/**
 * A server names URLs that a browser is sent to, and that secrets are sent to: they are checked
 * like those that an admin types. An optional URL is dropped if it may not be called.
 */
function checkEndpoints(
  server: AuthorizationServerMetadata,
  ctx: Pick<DiscoveryContext, "checkUrl">,
): { ok: true; server: AuthorizationServerMetadata } | { ok: false; problem: string } {
  for (const url of [server.authorizationEndpoint, server.tokenEndpoint].filter(Boolean)) {
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
