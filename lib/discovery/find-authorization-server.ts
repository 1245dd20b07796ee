import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import {
  type AuthorizationServerMetadata,
  authorizationServerUrls,
  defaultAuthorizationServer,
  readAuthorizationServer,
} from "@/lib/oauth/authorization-server-metadata";
import type { DiscoveryContext } from "./context";
import { fetchDocument } from "./fetch-document";
import { beginLine, clauses } from "./line";

export type FoundServer =
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
