import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import type { BearerChallenge } from "@/lib/oauth/challenge";
import {
  type ProtectedResource,
  protectedResourceUrls,
  readProtectedResource,
} from "@/lib/oauth/protected-resource";
import { parseUrl } from "@/lib/parse-url";
import type { DiscoveryContext } from "./context";
import { fetchDocument } from "./fetch-document";
import { beginLine, clauses } from "./line";

export type FoundResource =
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
