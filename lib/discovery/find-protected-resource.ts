import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { beginLine, clauses, type DiscoveryContext, fetchDocument } from "@/lib/discovery/context";
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
  | {
      outcome: "failed";
      reason: string;
      /** Of the server that they are about. */
      correctedUrl?: string;
      /** They are the metadata of the host, about another of its servers. */
      isOfHost: boolean;
    };

/**
 * Looks for the metadata of an MCP server: where its challenge says, otherwise at the well-known locations.
 * Metadata of another resource end the search: they are not used, and no other possible source is
 * looked for. So do those that the challenge names and that cannot be read right now: a guess could be another provider.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
export async function* findProtectedResource(
  serverUrl: string,
  challenge: BearerChallenge | null,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, FoundResource> {
  let failed: Extract<FoundResource, { outcome: "failed" }> | null = null;
  for (const place of places(serverUrl, challenge)) {
    const line = beginLine("protected_resource", `GET ${place.url}`, place.clause);
    yield line.running;
    const document = await fetchDocument(place.url, ctx);
    if (!document.found) {
      yield line.ended("absent", document.what);
      // A host that does not answer is often one that only the server itself can reach.
      const isOwn = document.isUnreachable !== true || place.isOwn;
      if (document.away !== null && place.isNamed && isOwn) {
        failed ??= { outcome: "failed", reason: document.away, isOfHost: false };
      }
      continue;
    }
    const read = readProtectedResource(document.parameters, serverUrl);
    if (read.ok) {
      const [first, ...others] = read.resource.authorizationServers;
      if (first === undefined) {
        const { origin } = new URL(serverUrl);
        yield line.ended(
          "warning",
          "200: it names no authorization server by its URL.",
          `Usher looks at the server's own origin, ${origin}, instead. Ask its operator to add authorization_servers.`,
        );
        return { outcome: "found", resource: read.resource };
      }
      const more = others.length === 0 ? "" : ` and ${others.length} more`;
      const found = `200: tokens for this server come from ${first}${more}.`;
      const { unmetDemand: demand } = read.resource;
      yield demand === undefined
        ? line.ended("done", found)
        : line.ended(
            "warning",
            `${found} It ${demand}.`,
            "Ask its operator to accept bearer tokens in the Authorization header.",
          );
      return { outcome: "found", resource: read.resource };
    }
    if (read.reason === "not_metadata") {
      yield line.ended("absent", `200, but it ${read.problem}: nothing is there.`);
      continue;
    }
    const { problem, sibling } = read;
    const reason = `The server's metadata cannot be used: it ${problem}.`;
    const corrected = sibling !== null && ctx.checkUrl(sibling).allowed;
    // Another location may have the right ones.
    failed ??= {
      ...{ outcome: "failed", reason },
      ...(corrected ? { correctedUrl: sibling } : {}),
      isOfHost: sibling !== null && place.isOfHost,
    };
    yield line.ended(
      "failed",
      `200: it ${problem}.`,
      read.reason === "other_resource"
        ? "Check the URL: it must be the address that the server itself uses. Otherwise, ask its operator, or enter the OAuth settings by hand."
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
  const ofHost = protectedResourceUrls(server.origin);
  const isOfHost = (url: string) => server.pathname !== "/" && ofHost.includes(url);
  return [
    ...named.map((url) => ({
      ...{ url, clause: clauses.challenge, isNamed: true, isOfHost: false },
      isOwn: parseUrl(url)?.origin === server.origin,
    })),
    ...wellKnown.map((url) => ({
      ...{ url, clause: clauses.resourceRequest, isNamed: false, isOwn: true },
      isOfHost: isOfHost(url),
    })),
  ];
}
