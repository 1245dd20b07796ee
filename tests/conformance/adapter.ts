import { createServer } from "node:http";
import { importPKCS8 } from "jose";
import pLimit from "p-limit";
import type { GrantType } from "@/lib/contracts/servers/kinds";
import { discoveryLimits } from "@/lib/discovery/context";
import { createLog } from "@/lib/log";
import { createMcpConnections } from "@/lib/mcp/connections";
import { mcpOutboundLimits } from "@/lib/mcp/http/server-fetch";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { checkUrl } from "@/lib/net/policy";
import type { OAuthClient } from "@/lib/oauth/client";
import { listening, readBody, sendJson } from "@/tests/support/local-http-server";
import { stdioServers } from "@/tests/support/stdio-servers";
import { UsherClient } from "./usher-client";

/** What the suite's example clients call themselves. */
const clientMetadataUrl = "https://conformance-test.local/client-metadata.json";

interface Order {
  scenario: string;
  serverUrl: string;
  context: {
    client_id?: string;
    client_secret?: string;
    private_key_pem?: string;
    signing_algorithm?: "ES256";
    issuer?: string;
    idp_client_id?: string;
    idp_id_token?: string;
    idp_issuer?: string;
    idp_token_endpoint?: string;
    toolCalls?: { name: string; arguments: Record<string, unknown> }[];
  };
}

/** What an admin chooses in the form. */
const grantTypes: Record<string, GrantType> = {
  "auth/client-credentials-basic": "CLIENT_CREDENTIALS",
  "auth/client-credentials-jwt": "CLIENT_CREDENTIALS",
};

/** The suite starts all scenarios at once; on a busy machine they would exhaust Usher's own time limits. */
const ordersAtOnce = 2;

/** Runs Usher against the server of each scenario that the suite's clients (relay.mjs) hand over. */
export async function startAdapter(): Promise<{ url: string; close(): Promise<void> }> {
  const limit = pLimit(ordersAtOnce);
  const server = await listening(
    createServer(async (request, response) => {
      const order = JSON.parse(await readBody(request)) as Order;
      sendJson(response, 200, await limit(() => carryOut(order)));
    }),
  );
  return { url: server.origin, close: server.close };
}

async function carryOut(order: Order): Promise<{ ok: boolean; said: string }> {
  const policy = { allowHttpLoopback: true, allowedPrivateHosts: [] };
  const agent = createOutboundAgent(policy);
  const now = () => new Date();
  const mcp = createMcpConnections({
    outbound: createOutboundFetch(agent, mcpOutboundLimits),
    now,
    log: createLog("silent"),
    stdio: stdioServers(),
  });
  const world = {
    outbound: createOutboundFetch(agent),
    discovery: {
      outbound: createOutboundFetch(agent, discoveryLimits),
      checkUrl: (url: string) => checkUrl(url, policy),
      clientMetadataUrl,
    },
    mcp,
    now,
  };
  const { client_id: clientId, client_secret: clientSecret, issuer } = order.context;
  const assertionKey = await keyOf(order.context);
  const preRegistered =
    clientId && (clientSecret || assertionKey)
      ? {
          ...{ clientId, clientSecret: clientSecret ?? null, issuer: issuer ?? null },
          ...{ assertionKey },
        }
      : null;
  const grantType = grantTypes[order.scenario] ?? "AUTHORIZATION_CODE";
  try {
    const usher = new UsherClient(world, order.serverUrl, {
      ...{ preRegistered, grantType, signIn: signInOf(order.context) },
    });
    const tools = await usher.callEveryTool(order.context.toolCalls ?? []);
    return { ok: true, said: `It called ${tools} tools.` };
  } catch (error) {
    return { ok: false, said: error instanceof Error ? (error.stack ?? error.message) : "?" };
  } finally {
    await mcp.close();
    await agent.close();
  }
}

/** The result of a person's sign-in at the identity provider; the suite's provider knows no client secret. */
function signInOf(context: Order["context"]) {
  const { idp_client_id: clientId, idp_id_token: idToken, idp_issuer: issuer } = context;
  const { idp_token_endpoint: tokenEndpoint } = context;
  if (!clientId || !idToken || !tokenEndpoint) return null;
  const client: OAuthClient = {
    ...{ clientId, clientSecret: null, tokenEndpointAuthMethod: "NONE" },
    ...{ authorizationEndpoint: "", tokenEndpoint, revocationEndpoint: null },
    issuer: issuer ?? null,
  };
  return { client, idToken };
}

/** The suite provides the client's key; Usher's own is created by lib/servers/client-keys.ts. */
async function keyOf({
  private_key_pem,
  signing_algorithm: algorithm = "ES256",
}: Order["context"]) {
  if (!private_key_pem) return null;
  return { id: "the-suites", algorithm, privateKey: await importPKCS8(private_key_pem, algorithm) };
}
