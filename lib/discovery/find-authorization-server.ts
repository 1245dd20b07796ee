import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { beginLine, clauses, type DiscoveryContext, fetchDocument } from "@/lib/discovery/context";
import {
  type AuthorizationServerMetadata,
  readAuthorizationServer,
} from "@/lib/oauth/authorization-server-metadata";
import { authorizationServerUrls, originMetadata } from "@/lib/oauth/metadata-document";
import { shownIdentifier } from "@/lib/untrusted-text";

type FoundServer =
  | {
      outcome: "found";
      server: AuthorizationServerMetadata /** Its own name is another one. */;
      alias: boolean;
    }
  | { outcome: "absent"; isRefused: boolean }
  /** Nothing is there now, and it may be there later. */
  | { outcome: "away" | "failed"; reason: string };

const ASK = "Ask its operator to correct that.";
const BY_HAND = "Ask its operator, or enter the OAuth settings by hand.";

/**
 * Looks for the metadata of an issuer. A document that names another issuer is used only if no location
 * has one that names this, and only once an admin has accepted it. If a document does not name S256,
 * an authorization endpoint or a way to become a client, the others are checked as well. The origin comes last.
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
  let away: string | null = null;
  let isRefused = false;
  const atOrigin = originMetadata(issuer);
  for (const place of [...authorizationServerUrls(issuer), ...(atOrigin ? [atOrigin] : [])]) {
    const { url, clause } = place;
    // The origin may be another server: it is asked only if the issuer itself publishes nothing usable.
    if (place === atOrigin && (own !== null || other !== null)) break;
    const line = beginLine("authorization_server", `GET ${url}`, clause);
    yield line.running;
    const document = await fetchDocument(url, ctx);
    if (!document.found) {
      yield line.ended("absent", document.what);
      away ??= document.away;
      isRefused ||= document.isRefused === true;
      continue;
    }
    const read = readAuthorizationServer(document.parameters, issuer);
    if (!read.ok && read.reason === "not_metadata") {
      yield line.ended("absent", `200, but it ${read.problem}: nothing is there.`);
      continue;
    }
    if (!read.ok) {
      problem ??= `The metadata of ${new URL(issuer).host} cannot be used: the document ${read.problem}. ${BY_HAND}`;
      const isOther = read.reason === "other_issuer" && read.server !== null;
      if (isOther) other ??= read.server;
      const advice = isOther ? adviceFor(read.server?.issuer ?? "") : BY_HAND;
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
      const whose = `The metadata of ${new URL(issuer).host} cannot be used.`;
      return { outcome: "failed", reason: `${whose} ${allowed.problem} ${BY_HAND}` };
    }
    const { unmetDemand: demand } = read.server;
    const odd = [allowed.left, demand && `It ${demand}.`].filter(Boolean);
    yield odd.length === 0
      ? line.ended("done", `200: it is ${read.server.issuer}, and names its endpoints.`)
      : line.ended(
          "warning",
          `200: it is ${read.server.issuer}. ${odd.join(" ")}`,
          demand ? "Ask its operator to exempt Usher's client from that." : ASK,
        );
    own = own === null ? allowed.server : completed(own, allowed.server);
    if (isComplete(own)) break;
  }
  if (own !== null) return { outcome: "found", server: own, alias: false };
  const allowed = other === null ? null : checkEndpoints(other, ctx);
  if (allowed?.ok) return { outcome: "found", server: allowed.server, alias: true };
  const reason = allowed === null ? problem : `${allowed.problem} ${BY_HAND}`;
  if (reason !== null) return { outcome: "failed", reason };
  return away === null ? { outcome: "absent", isRefused } : { outcome: "away", reason: away };
}

/** `https://login.example/{tenant}`, also encoded: no answer comes from an issuer of this name. */
const placeholder = /\{[^{}/%]{1,40}\}|%7B[^{}/%]{1,40}%7D/i;

function adviceFor(issuer: string): string {
  const [part] = placeholder.exec(issuer) ?? [];
  return part === undefined
    ? "If both are the same provider, choose Use this issuer below."
    : `“${decodeURIComponent(part)}” stands for any tenant. Enter the issuer by hand with your tenant’s ID in its place.`;
}

/** Nothing is missing that another document could add. */
function isComplete(server: AuthorizationServerMetadata): boolean {
  const registers = server.registrationEndpoint !== null;
  return (
    server.supportsS256 &&
    server.authorizationEndpoint !== "" &&
    (registers || server.clientIdMetadataDocumentSupported)
  );
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
    clientIdMetadataDocumentSupported:
      first.clientIdMetadataDocumentSupported || second.clientIdMetadataDocumentSupported,
    scopesSupported: first.scopesSupported ?? second.scopesSupported,
    acceptsIdJags: first.acceptsIdJags === "unknown" ? second.acceptsIdJags : first.acceptsIdJags,
  };
}

/**
 * A server names URLs that a browser is sent to, and that secrets are sent to: they are checked
 * like those that an admin types. An optional URL is dropped if it may not be called; `left` says which and why.
 */
function checkEndpoints(
  server: AuthorizationServerMetadata,
  ctx: Pick<DiscoveryContext, "checkUrl">,
):
  | { ok: true; server: AuthorizationServerMetadata; left: string | null }
  | { ok: false; problem: string } {
  const problemOf = (name: string, url: string | null) => {
    const decision = url ? ctx.checkUrl(url) : null;
    if (decision === null || decision.allowed) return null;
    const shown = shownIdentifier(url ?? "");
    return `Its ${name}, “${shown}”, cannot be used: ${decision.userMessage}`;
  };
  const problem =
    problemOf("authorization_endpoint", server.authorizationEndpoint) ??
    problemOf("token_endpoint", server.tokenEndpoint);
  if (problem !== null) return { ok: false, problem };
  const { revocationEndpoint, registrationEndpoint } = server;
  const registration = problemOf("registration_endpoint", registrationEndpoint);
  const revocation = problemOf("revocation_endpoint", revocationEndpoint);
  return {
    ok: true,
    server: {
      ...server,
      registrationEndpoint: registration === null ? registrationEndpoint : null,
      revocationEndpoint: revocation === null ? revocationEndpoint : null,
    },
    left: registration ?? revocation,
  };
}
