import type { CatalogueTool } from "@/lib/contracts/servers/catalogue";
import { parseExtraParameters } from "@/lib/contracts/servers/extra-parameters";
import { type GrantType, needsConsent } from "@/lib/contracts/servers/kinds";
import type {
  RegistrationMode,
  TokenEndpointAuthMethod,
} from "@/lib/contracts/servers/oauth-client";
import type { DiscoveryContext } from "@/lib/discovery/context";
import { type Discovery, discoverQuietly } from "@/lib/discovery/discover";
import {
  AuthorizationRequiredError,
  InputRequiredError,
  InsufficientScopeError,
} from "@/lib/errors";
import type { McpConnections } from "@/lib/mcp/connections";
import type { BearerSource, McpTarget } from "@/lib/mcp/target";
import type { OutboundFetch } from "@/lib/net/fetch";
import { buildAuthorizationUrl, createPkce, randomSecret } from "@/lib/oauth/authorization-request";
import { readAuthorizationResponse } from "@/lib/oauth/authorization-response";
import type { AssertionKey, OAuthClient } from "@/lib/oauth/client";
import { redeemIdJag, requestIdJag } from "@/lib/oauth/identity-assertion";
import { resourceIdentifier } from "@/lib/oauth/protected-resource";
import { clientMetadata, registerClient } from "@/lib/oauth/registration";
import { decideRegistration, type Registration } from "@/lib/oauth/registration-decision";
import { decideStepUp } from "@/lib/oauth/scope";
import { exchangeCode, refreshTokens, requestClientCredentials } from "@/lib/oauth/token-endpoint";
import type { TokenResponse } from "@/lib/oauth/token-response";

/** What an installation has in its database, here in memory. */
interface Stored {
  registration: Registration & {
    clientSecret: string | null;
    tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  };
  authorization: {
    client: OAuthClient;
    resource: string;
    requestedScope: string | null;
    tokens: TokenResponse;
  } | null;
}

export interface World {
  outbound: OutboundFetch;
  discovery: DiscoveryContext;
  mcp: McpConnections;
  now: () => Date;
}

/** As an admin enters it. */
interface Chosen {
  preRegistered: {
    clientId: string;
    clientSecret: string | null;
    issuer: string | null;
    assertionKey: AssertionKey | null;
  } | null;
  grantType: GrantType;
  /** The person's sign-in at the identity provider, where that replaces a consent. */
  signIn: { client: OAuthClient; idToken: string } | null;
}

type OAuthDiscovery = Extract<Discovery, { outcome: "oauth" }>;

const publicUrl = "http://localhost:3000";
const installation = { publicUrl, redirectUri: `${publicUrl}/oauth/callback` };
/** One for the first call, one after a change of the authorization server, one for more scopes. */
const mostAuthorizations = 3;

/**
 * Usher as the client of one MCP server, from its URL to a tool's answer: its own functions, with
 * memory instead of a database and without a person, as the suite's providers ask for no consent.
 */
export class UsherClient {
  readonly #world: World;
  readonly #serverUrl: string;
  readonly #stored: Stored;
  readonly #grantType: GrantType;
  readonly #assertionKey: AssertionKey | null;
  readonly #signIn: Chosen["signIn"];
  #authorizations = 0;
  #wantsToken = true;

  constructor(world: World, serverUrl: string, { preRegistered, grantType, signIn }: Chosen) {
    this.#world = world;
    this.#grantType = grantType;
    this.#signIn = signIn;
    this.#assertionKey = preRegistered?.assertionKey ?? null;
    this.#serverUrl = serverUrl;
    this.#stored = {
      registration: {
        mode: preRegistered ? "PRE_REGISTERED" : "DYNAMIC",
        clientId: preRegistered?.clientId ?? "",
        clientSecret: preRegistered?.clientSecret ?? null,
        tokenEndpointAuthMethod: preRegistered?.assertionKey
          ? "PRIVATE_KEY_JWT"
          : "CLIENT_SECRET_BASIC",
        issuer: preRegistered?.issuer ?? null,
        redirectUri: null,
        clientSecretExpiresAt: null,
        reason: null,
        proven: false,
      },
      authorization: null,
    };
  }

  /**
   * As with a pasted URL: discovers, authorizes, lists the tools and calls each of them twice, or as the
   * scenario says.
   */
  async callEveryTool(ordered: readonly ToolCall[]): Promise<number> {
    const discovery = await discoverQuietly(this.#serverUrl, this.#world.discovery);
    if (discovery.outcome === "failed") throw new Error(discovery.reason);
    this.#wantsToken = discovery.outcome === "oauth";
    const { tools } = await this.#authorized(() => this.#world.mcp.readCatalogue(this.#target()));
    const usual = tools.map((tool) => ({ name: tool.name, arguments: someArguments(tool, tools) }));
    for (const call of ordered.length > 0 ? ordered : [...usual, ...usual]) {
      const inputSchema = tools.find(({ name }) => name === call.name)?.inputSchema;
      await this.#authorized(() => this.#call(call, inputSchema));
    }
    return tools.length;
  }

  /** A question during the call is answered with yes, as a person would. */
  async #call(
    { name, arguments: input }: ToolCall,
    inputSchema: CatalogueTool["inputSchema"] | undefined,
  ): Promise<unknown> {
    const target = this.#target();
    try {
      return await this.#world.mcp.callTool(target, { name, input, inputSchema });
    } catch (error) {
      if (!(error instanceof InputRequiredError)) throw error;
      const { requests, requestState } = error;
      const inputResponses = Object.fromEntries(
        Object.keys(requests).map((key) => [
          key,
          { action: "accept", content: { confirmed: true } },
        ]),
      );
      const state = requestState === null ? {} : { requestState };
      return this.#world.mcp.callTool(target, {
        name,
        input,
        inputSchema,
        inputResponses,
        ...state,
      });
    }
  }

  /** Runs `call`; if a consent is missing, obtains it and runs the call again. */
  async #authorized<T>(call: () => Promise<T>): Promise<T> {
    let steppedUp = false;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (error instanceof InsufficientScopeError) {
          const stepUp = decideStepUp({
            requested: this.#stored.authorization?.requestedScope ?? null,
            granted: this.#stored.authorization?.tokens.scope ?? null,
            challenged: error.challengedScope,
            steppedUp,
          });
          if (!stepUp.should) throw error;
          steppedUp = true;
          await this.#authorize(stepUp.scope);
        } else if (error instanceof AuthorizationRequiredError) {
          await this.#authorize(null);
        } else {
          throw error;
        }
      }
    }
  }

  async #authorize(scope: string | null): Promise<void> {
    this.#authorizations += 1;
    if (this.#authorizations > mostAuthorizations) throw new Error("It asks again and again.");
    const { outbound } = this.#world;
    const discovery = await this.#discover();
    const client = await this.#clientOf(discovery);
    const { settings } = discovery;
    const requestedScope = scope ?? settings.scope;
    const resource = settings.resource ?? resourceIdentifier(this.#serverUrl);
    if (this.#signIn) {
      const tokens = await this.#exchangeSignIn(this.#signIn, client, {
        ...{ audience: discovery.server.issuer, resource, scope: requestedScope },
      });
      this.#stored.authorization = { client, resource, requestedScope, tokens };
      return;
    }
    if (!needsConsent(this.#grantType)) {
      const asked = { client, resource, scope: requestedScope };
      const tokens = await requestClientCredentials(asked, this.#world);
      this.#stored.authorization = { client, resource, requestedScope, tokens };
      return;
    }
    const extra = parseExtraParameters(settings.extraAuthorizationParameters);
    const { codeChallenge, codeVerifier } = createPkce();
    const { redirectUri } = installation;
    const url = buildAuthorizationUrl({
      client,
      redirectUri,
      state: randomSecret(),
      codeChallenge,
      scope: requestedScope,
      resource,
      extraParameters: extra.ok ? extra.values : {},
    });
    const response = await outbound(url, { redirect: "manual" });
    await response.body?.cancel();
    const { searchParams } = new URL(response.headers.get("location") ?? "");
    const { code } = readAuthorizationResponse(searchParams, client, settings.issParameterRequired);
    const tokens = await exchangeCode(
      { client, code, redirectUri, codeVerifier, resource },
      this.#world,
    );
    this.#stored.authorization = { client, resource, requestedScope, tokens };
    this.#world.mcp.drop(serverId);
  }

  async #exchangeSignIn(
    { client: atIdentityProvider, idToken }: NonNullable<Chosen["signIn"]>,
    client: OAuthClient,
    asked: { audience: string; resource: string; scope: string | null },
  ): Promise<TokenResponse> {
    const subject = { subjectToken: idToken, subjectTokenType: "id_token" } as const;
    const sent = { client: atIdentityProvider, ...subject, ...asked };
    const idJag = await requestIdJag(sent, this.#world);
    return redeemIdJag({ client, ...idJag }, this.#world);
  }

  async #discover(): Promise<OAuthDiscovery> {
    const discovery = await discoverQuietly(this.#serverUrl, this.#world.discovery);
    // An admin who has not accepted an issuer other than the one the server names, as the app asks them to.
    if (discovery.outcome === "oauth" && discovery.alias !== null) {
      throw new Error(`The metadata name another issuer: ${discovery.server.issuer}.`);
    }
    if (discovery.outcome === "oauth") return discovery;
    throw new Error(discovery.outcome === "failed" ? discovery.reason : "It requires no token.");
  }

  async #clientOf({ settings, server }: OAuthDiscovery): Promise<OAuthClient> {
    const { clientMetadataUrl } = this.#world.discovery;
    const decision = decideRegistration(this.#stored.registration, {
      issuer: server.issuer,
      mode: settings.registration,
      redirectUri: installation.redirectUri,
      clientMetadataUrl,
      at: this.#world.now(),
      forgotten: false,
    });
    if (decision.use === "none") throw new Error(`No client: ${decision.reason}.`);
    if (decision.use === "new") {
      await this.#register(decision.mode, { settings, server });
      this.#stored.authorization = null;
    }
    const { clientId, clientSecret, tokenEndpointAuthMethod } = this.#stored.registration;
    const { issuer, authorizationEndpoint, tokenEndpoint, revocationEndpoint } = server;
    const endpoints = { issuer, authorizationEndpoint, tokenEndpoint, revocationEndpoint };
    const client = { clientId, clientSecret, tokenEndpointAuthMethod, ...endpoints };
    return this.#assertionKey ? { ...client, assertionKey: this.#assertionKey } : client;
  }

  async #register(
    mode: RegistrationMode,
    { settings, server }: Pick<OAuthDiscovery, "settings" | "server">,
  ): Promise<void> {
    const metadata = clientMetadata(installation, settings.tokenEndpointAuthMethod, settings.scope);
    const client =
      mode === "METADATA_DOCUMENT"
        ? {
            clientId: this.#world.discovery.clientMetadataUrl ?? "",
            clientSecret: null,
            clientSecretExpiresAt: null,
            tokenEndpointAuthMethod: "NONE" as const,
          }
        : await registerClient(server.registrationEndpoint ?? "", metadata, this.#world);
    this.#stored.registration = {
      ...client,
      mode,
      issuer: server.issuer,
      redirectUri: installation.redirectUri,
      reason: null,
      proven: true,
    };
  }

  #target(): McpTarget {
    const owner = { serverId, ownerKey: "shared" };
    const required = () => new AuthorizationRequiredError(owner, "This account is not connected.");
    return {
      ...owner,
      serverName: "The suite's server",
      version: 1,
      endpoint: { transport: "STREAMABLE_HTTP", url: this.#serverUrl, headers: {} },
      bearer: this.#wantsToken ? this.#bearer(required) : null,
    };
  }

  #bearer(required: () => AuthorizationRequiredError): BearerSource {
    return {
      token: async () => {
        if (!this.#stored.authorization) throw required();
        return this.#stored.authorization.tokens.accessToken;
      },
      replace: async () => {
        const { authorization } = this.#stored;
        if (!authorization?.tokens.refreshToken) throw required();
        const { client, resource, tokens } = authorization;
        const refreshToken = authorization.tokens.refreshToken;
        const answer = await refreshTokens({ client, resource, refreshToken }, this.#world);
        this.#stored.authorization = { ...authorization, tokens: { ...tokens, ...answer } };
        return answer.accessToken;
      },
      reject: async () => {
        throw required();
      },
    };
  }
}

const serverId = "server-under-test";

export type ToolCall = { name: string; arguments: Record<string, unknown> };

/** A value of the right type for each argument; if a schema is asked for, that of the first tool. */
function someArguments(
  { inputSchema }: CatalogueTool,
  tools: readonly CatalogueTool[],
): Record<string, unknown> {
  const properties = (inputSchema.properties ?? {}) as Record<string, { type?: string }>;
  const values: Record<string, unknown> = { string: "some", number: 5, integer: 3, boolean: true };
  const named = Object.entries(properties).map(([name, { type = "" }]) => [
    name,
    name === "schema" ? tools[0]?.inputSchema : values[type],
  ]);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}
