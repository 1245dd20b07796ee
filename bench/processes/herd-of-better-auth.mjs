// A herd at better-auth: its generic OAuth plugin keeps the account, `getAccessToken` gives the token
// of each call, which the official SDK's client makes.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { genericOAuth } from "better-auth/plugins";
import { serve } from "./commands";
import { callAtOnce } from "./herd";

const providerId = "practice";

/** @type {Client | null} */
let client = null;
/** @type {() => Promise<void>} */
let expire = async () => {};

/** @type {import("./herd").HerdPeer} */
const commands = {
  async begin(grant) {
    const auth = instanceFor(grant);
    const { internalAdapter } = await auth.$context;
    const { tokens } = grant;
    const person = { email: "ada@example.com", name: "Ada", emailVerified: true };
    const user = await internalAdapter.createUser(person);
    const account = await internalAdapter.createAccount({
      userId: user.id,
      providerId,
      accountId: "ada",
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      accessTokenExpiresAt: new Date(Date.now() + tokens.expires_in * 1000),
      scope: grant.scope,
    });
    expire = async () => {
      const accessTokenExpiresAt = new Date(Date.now() - 60_000);
      await internalAdapter.updateAccount(account.id, { accessTokenExpiresAt });
    };
    const token = async () => {
      const body = { accountId: account.id, userId: user.id };
      return (await auth.api.getAccessToken({ body })).accessToken;
    };
    client = new Client({ name: "bench", version: "1.0.0" });
    const transport = new StreamableHTTPClientTransport(new URL(grant.url), {
      authProvider: { token },
    });
    await client.connect(transport);
  },

  expire: () => expire(),

  call({ callers }) {
    return callAtOnce(async (text) => {
      const { content } = await client.callTool({ name: "echo", arguments: { text } });
      return content[0]?.text ?? "";
    }, callers);
  },

  async end() {
    await client?.close();
  },
};

/** @param {import("./herd").Grant} grant */
function instanceFor(grant) {
  const provider = {
    providerId,
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

serve(commands);
