// A herd at one client that keeps its own tokens, used as its documentation says. Which one is told at
// the start. Not in TypeScript: most of the packages are installed by `npm run bench` only.

import { serve } from "../child";
import { callAtOnce } from "./loop";

/** @typedef {import("../grants").Grant} Grant */
/** @typedef {import("../grants").PeerHerd} PeerHerd */

const implementation = { name: "bench", version: "1.0.0" };

/**
 * By peer: connects with this grant and its valid tokens.
 *
 * @type {Record<string, (grant: Grant) => Promise<{
 *   echo: (text: string) => Promise<string>, expire?: () => Promise<void>, close: () => Promise<void>
 * }>>}
 */
const peers = {
  async aiSdk(grant) {
    const { createMCPClient } = await import("@ai-sdk/mcp");
    const authProvider = new StoredTokens(grant);
    const transport = { type: "http", url: grant.url, authProvider };
    const client = await createMCPClient({ transport });
    const tools = await client.tools();
    const echo = async (text) => {
      const result = await tools.echo.execute({ text }, { messages: [], toolCallId: text });
      return result.content[0]?.text ?? "";
    };
    return { echo, close: () => client.close() };
  },

  async sdkV1(grant) {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { StreamableHTTPClientTransport } = await import(
      "@modelcontextprotocol/sdk/client/streamableHttp.js"
    );
    return sdkClient(Client, StreamableHTTPClientTransport, grant, new StoredTokens(grant));
  },

  async sdk(grant) {
    const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
    return sdkClient(Client, StreamableHTTPClientTransport, grant, new StoredTokens(grant));
  },

  /** The generic OAuth plugin keeps the account; `getAccessToken` gives the SDK's client its token. */
  async betterAuth(grant) {
    const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
    const auth = await betterAuthFor(grant);
    const { internalAdapter } = await auth.$context;
    const person = { email: "ada@example.com", name: "Ada", emailVerified: true };
    const user = await internalAdapter.createUser(person);
    const account = await internalAdapter.createAccount({
      userId: user.id,
      providerId: "practice",
      accountId: "ada",
      accessToken: grant.tokens.access_token,
      refreshToken: grant.tokens.refresh_token,
      accessTokenExpiresAt: new Date(Date.now() + grant.tokens.expires_in * 1000),
      scope: grant.scope,
    });
    const token = async () => {
      const body = { accountId: account.id, userId: user.id };
      return (await auth.api.getAccessToken({ body })).accessToken;
    };
    const connected = await sdkClient(Client, StreamableHTTPClientTransport, grant, { token });
    const expire = async () => {
      const accessTokenExpiresAt = new Date(Date.now() - 60_000);
      await internalAdapter.updateAccount(account.id, { accessTokenExpiresAt });
    };
    return { ...connected, expire };
  },
};

async function sdkClient(Client, Transport, grant, authProvider) {
  const client = new Client(implementation);
  await client.connect(new Transport(new URL(grant.url), { authProvider }));
  const echo = async (text) => {
    const { content } = await client.callTool({ name: "echo", arguments: { text } });
    return content[0]?.text ?? "";
  };
  return { echo, close: () => client.close() };
}

/** @param {Grant} grant */
async function betterAuthFor(grant) {
  const { betterAuth } = await import("better-auth");
  const { memoryAdapter } = await import("better-auth/adapters/memory");
  const { genericOAuth } = await import("better-auth/plugins");
  const provider = {
    providerId: "practice",
    clientId: grant.clientId,
    clientSecret: grant.clientSecret,
    authorizationUrl: grant.authorizationEndpoint,
    tokenUrl: grant.tokenEndpoint,
    authentication: "basic",
  };
  return betterAuth({
    baseURL: "http://127.0.0.1:9",
    secret: "a secret of the benchmark that is long enough",
    database: memoryAdapter({ user: [], account: [], session: [], verification: [] }),
    plugins: [genericOAuth({ config: [provider] })],
    logger: { disabled: true },
    telemetry: { enabled: false },
  });
}

/**
 * The OAuth provider that the documentation of the MCP clients asks for: keeps in memory what it is
 * given, and hands it out. The SDK's v1 and v2 and @ai-sdk/mcp all take it.
 */
class StoredTokens {
  #grant;
  #tokens;
  #codeVerifier = "";

  /** @param {Grant} grant */
  constructor(grant) {
    this.#grant = grant;
    // The SDK's v2 keeps for which issuer tokens are.
    this.#tokens = { ...grant.tokens, issuer: grant.issuer };
  }

  get redirectUrl() {
    return this.#grant.redirectUri;
  }

  get clientMetadata() {
    return {
      client_name: "bench",
      redirect_uris: [this.#grant.redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
      scope: this.#grant.scope,
    };
  }

  clientInformation() {
    const { clientId, clientSecret, issuer } = this.#grant;
    return { client_id: clientId, client_secret: clientSecret, issuer };
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  /** What @ai-sdk/mcp compares before it sends a refresh token. */
  authorizationServerInformation() {
    const { issuer, tokenEndpoint } = this.#grant;
    return { authorizationServerUrl: issuer, tokenEndpoint };
  }

  saveAuthorizationServerInformation() {}

  /** Nobody is there to consent again. */
  redirectToAuthorization() {}

  saveCodeVerifier(codeVerifier) {
    this.#codeVerifier = codeVerifier;
  }

  codeVerifier() {
    return this.#codeVerifier;
  }

  /** @param context of @ai-sdk/mcp: which tokens were refused; newer ones stay */
  invalidateCredentials(scope, context) {
    if (scope !== "tokens" && scope !== "all") return;
    const refused = context?.tokens.refresh_token;
    if (refused === undefined || refused === this.#tokens?.refresh_token) this.#tokens = undefined;
  }
}

const { peer } = JSON.parse(process.argv[2] ?? "{}");
let connection = null;

/** @type {PeerHerd} */
const commands = {
  async begin(grant) {
    connection = await peers[peer](grant);
  },
  async expire() {
    await connection.expire?.();
  },
  call: ({ callers }) => callAtOnce(connection.echo, callers),
  async end() {
    await connection.close();
  },
};

serve(commands);
