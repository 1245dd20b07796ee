import type {
  DiscoveredSettings,
  DiscoveryLine,
  DiscoveryResult,
} from "@/lib/contracts/servers/discovery";
import { type RegistrationMode, sharingFor } from "@/lib/contracts/servers/oauth-client";
import { compareWithCatalogue } from "@/lib/discovery/compare-with-catalogue";
import { beginLine, clauses, type DiscoveryContext } from "@/lib/discovery/context";
import { findProtectedResource } from "@/lib/discovery/find-protected-resource";
import { locateServer } from "@/lib/discovery/locate-server";
import { probeServer, quoted } from "@/lib/discovery/probe-server";
import type { AuthorizationServerMetadata } from "@/lib/oauth/authorization-server-metadata";
import type { GrantWithoutConsent } from "@/lib/oauth/exchange/support";
import type { ProtectedResource } from "@/lib/oauth/protected-resource";
import { registrationMode } from "@/lib/oauth/registration-decision";
import { type ScopeSelection, selectScope } from "@/lib/oauth/scope";

export type Discovery =
  | Exclude<DiscoveryResult, { outcome: "oauth" | "open" }>
  | { outcome: "open" }
  | {
      outcome: "oauth";
      settings: DiscoveredSettings;
      server: AuthorizationServerMetadata;
      /** The MCP server's name for it, if its own name is different; null: both are one. */
      alias: string | null;
      /** Null if the server publishes nothing about itself. */
      resource: ProtectedResource | null;
    };

/**
 * Discovers how to authorize at the MCP server of this URL, and reports each step: what was requested,
 * what came back, what to do. Nothing is registered or stored, and no secret is sent.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
export async function* discover(
  serverUrl: string,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, Discovery> {
  const address = ctx.checkUrl(serverUrl);
  if (!address.allowed) {
    const line = beginLine("server", "May Usher connect to this URL?", clauses.address);
    yield line.ended("failed", address.userMessage);
    return { outcome: "failed", reason: address.userMessage };
  }
  const probe = yield* probeServer(serverUrl, ctx);
  if (probe.outcome === "failed") return probe;
  const challenge = probe.outcome === "challenged" ? probe.challenge : null;

  const found = yield* findProtectedResource(serverUrl, challenge, ctx);
  if (found.outcome === "failed") {
    // It answers, and what was found is about another server of its host.
    if (probe.outcome === "not_challenged" && found.isOfHost) return { outcome: "open" };
    const { isOfHost: _, ...failed } = found;
    return failed;
  }
  const resource = found.outcome === "found" ? found.resource : null;
  if (resource === null && probe.outcome === "not_challenged") return { outcome: "open" };
  if (resource === null && probe.outcome === "no_answer") {
    return { outcome: "failed", reason: probe.reason };
  }

  const located = yield* locateServer(serverUrl, resource, ctx);
  if (located.outcome === "credential" && probe.outcome === "challenged") {
    return { ...located, reason: located.reason + quoted(probe.said) };
  }
  if (located.outcome !== "found") return located;
  const { server, alias } = located;
  const [grant] = server.authorizationEndpoint === "" ? server.grantsWithoutConsent : [];
  if (grant) yield grantLine(server);
  else yield pkceLine(server);
  const mode = grant ? "PRE_REGISTERED" : registrationMode(server, ctx.clientMetadataUrl);
  yield grant ? ownClientLine() : registrationLine(server, mode, ctx);
  yield revocationLine(server);
  const selected = selectScope({
    challenge: challenge?.scope ?? null,
    resource: resource?.scopesSupported ?? null,
    // A refresh token, which offline_access is for, is only issued with a consent.
    authorizationServer: grant ? null : server.scopesSupported,
  });
  yield scopeLine(selected);
  const settings = {
    ...settingsOf(server, resource, mode, selected),
    ...(grant ? { grantType: grant, tokenSharing: sharingFor(grant) } : {}),
    ...(grant || server.supportsS256 ? {} : { s256Confirmed: false as const }),
    ...(alias === null ? {} : { issuerAlias: alias, issuerAccepted: false as const }),
  };
  yield* compareWithCatalogue(ctx.vendorServerFor?.(serverUrl) ?? null, serverUrl, settings);
  return { outcome: "oauth", settings, server, alias, resource };
}

/** The same, for a caller that only needs the result. */
export async function discoverQuietly(
  serverUrl: string,
  ctx: DiscoveryContext,
): Promise<Discovery> {
  const lines = discover(serverUrl, ctx);
  for (;;) {
    const { done, value } = await lines.next();
    if (done) return value;
  }
}

const grantWords = {
  ID_JAG: "Token Sharing: Organization (identity assertion)",
  CLIENT_CREDENTIALS: "client credentials",
  TOKEN_EXCHANGE: "Token Sharing: Organization (token exchange)",
} as const satisfies Record<GrantWithoutConsent, string>;

function grantLine({ grantsWithoutConsent }: AuthorizationServerMetadata): DiscoveryLine {
  const line = beginLine("grant", "Can people consent there?", clauses.grant);
  const offered = grantsWithoutConsent.map((grant) => grantWords[grant]).join(" or ");
  return line.ended(
    "warning",
    "No: it offers no authorization code.",
    `It offers ${offered} instead. The form is set to that, unless you chose another.`,
  );
}

function ownClientLine(): DiscoveryLine {
  const line = beginLine("registration", "How does Usher become a client?", clauses.registration);
  return line.ended(
    "warning",
    "By a client that you register there.",
    "Enter its client ID and secret. It needs no callback URL, as nobody is sent there to consent.",
  );
}

function pkceLine(server: AuthorizationServerMetadata): DiscoveryLine {
  const line = beginLine("pkce", "Does it support PKCE with S256?", clauses.pkce);
  return server.supportsS256
    ? line.ended("done", "Yes.")
    : line.ended(
        "warning",
        "It does not name S256.",
        "Some providers support S256 and do not say so, such as Microsoft Entra and Amazon Cognito. If yours does, turn on This provider supports S256 below. Usher always sends S256.",
      );
}

function registrationLine(
  server: AuthorizationServerMetadata,
  mode: RegistrationMode,
  { clientMetadataUrl }: DiscoveryContext,
): DiscoveryLine {
  const line = beginLine("registration", "How does Usher become a client?", clauses.registration);
  if (mode === "METADATA_DOCUMENT") {
    return line.ended(
      "done",
      `By its own document, ${clientMetadataUrl}, which the provider reads.`,
    );
  }
  if (mode === "DYNAMIC") {
    const answered = "Usher registers when somebody first authorizes.";
    return line.ended("done", answered, null, clauses.dynamicRegistration);
  }
  const offered = server.clientIdMetadataDocumentSupported;
  const cannotSignIn = server.registrationEndpoint !== null;
  return line.ended(
    "warning",
    offered && clientMetadataUrl === null
      ? "The provider reads Usher's document only over https from the internet, where this installation is not."
      : cannotSignIn
        ? "The provider registers clients, but only with authentication methods that Usher does not register."
        : "The provider does not offer client registration.",
    registerByHand(server),
  );
}

function registerByHand(server: AuthorizationServerMetadata): string {
  if (server.tokenEndpointAuthMethods.length > 0) {
    return "Register a client there by hand, with the callback URL below, and enter its client ID and secret.";
  }
  switch (server.jwtSignedBy) {
    case undefined:
      return "It names no way to authenticate that Usher has. Ask its operator for a client with a client secret or a signed JWT, and choose that below.";
    case "none":
      return "It takes only signed JWTs, with algorithms that Usher does not have: Usher signs with ES256 or RS256. Ask its operator to allow one of them.";
    default: {
      const setting = server.jwtSignedBy === "RS256" ? " Turn on Sign with RS256." : "";
      return `It takes only a signed JWT. Register a client there by hand, with the callback URL and the JWKS URL below, and enter its client ID.${setting}`;
    }
  }
}

function revocationLine(server: AuthorizationServerMetadata): DiscoveryLine {
  const line = beginLine("revocation", "Can access be revoked there?", clauses.revocation);
  return server.revocationEndpoint === null
    ? line.ended(
        "warning",
        "It names no revocation endpoint.",
        "Disconnecting deletes the tokens here; at the provider they end by themselves.",
      )
    : line.ended("done", `Yes, at ${server.revocationEndpoint}.`);
}

function scopeLine(selected: ScopeSelection): DiscoveryLine {
  const { scope, from, offlineAccess, offlineLeftOut, tooMany } = selected;
  const line = beginLine("scopes", "Which scopes are asked for?", clauses.scopes);
  if (tooMany) {
    return line.ended(
      "warning",
      "None by name: the server names more than fit into a request.",
      "The provider then decides. If calls are refused for missing scopes, enter the ones that you need under Scopes. The server's documentation names them.",
    );
  }
  if (offlineLeftOut) {
    return line.ended(
      "warning",
      scope === null ? "None by name: the provider decides." : `${scope}, without offline_access.`,
      "The provider gives a refresh token for the scope offline_access. Without it people may have to authorize again whenever access expires: add offline_access to Scopes, with the scopes that the server needs.",
    );
  }
  if (scope === null) return line.ended("done", "None by name: the provider decides.");
  const source = from === "challenge" ? "as its answer says" : "as its metadata say";
  const offline = offlineAccess ? ", with offline_access, so that the access can be renewed" : "";
  return line.ended("done", `${scope}: ${source}${offline}.`);
}

function settingsOf(
  server: AuthorizationServerMetadata,
  resource: ProtectedResource | null,
  registration: RegistrationMode,
  { scope, offlineAccess }: ScopeSelection,
): DiscoveredSettings {
  const signs = server.jwtSignedBy !== undefined;
  const [authMethod = signs ? "PRIVATE_KEY_JWT" : "CLIENT_SECRET_BASIC"] =
    server.tokenEndpointAuthMethods;
  return {
    issuer: server.issuer,
    authorizationEndpoint: server.authorizationEndpoint,
    tokenEndpoint: server.tokenEndpoint,
    revocationEndpoint: server.revocationEndpoint,
    registration,
    tokenEndpointAuthMethod: registration === "METADATA_DOCUMENT" ? "NONE" : authMethod,
    scope,
    // OpenID Connect Core §11: without it a provider leaves offline_access out.
    extraAuthorizationParameters: offlineAccess ? "prompt=consent" : "",
    resource: resource?.resource ?? null,
    issParameterRequired: server.issParameterSupported,
  };
}
