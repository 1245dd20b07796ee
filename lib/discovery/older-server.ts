import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { beginLine, clauses, type DiscoveryContext, networkFailure } from "@/lib/discovery/context";
import {
  type AuthorizationServerMetadata,
  defaultAuthorizationServer,
} from "@/lib/oauth/authorization-server-metadata";
import { parseParameters, textOf } from "@/lib/oauth/parameters";

/**
 * The endpoints that MCP 2025-03-26 fixed, for a server that requires a token and publishes nothing: only
 * if one of them answers like OAuth. No guess is made without evidence.
 */
export async function* tryDefaults(
  serverUrl: string,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, AuthorizationServerMetadata | null> {
  const server = defaultAuthorizationServer(serverUrl);
  const line = beginLine("authorization_server", "Does an older server answer?", clauses.defaults);
  yield line.running;
  if (!(await answersAsOAuth(server, ctx))) {
    yield line.ended(
      "absent",
      `Nothing at ${server.issuer} answers as OAuth does (/token and /authorize were asked).`,
    );
    return null;
  }
  yield line.ended(
    "warning",
    `Nothing is published, but ${server.issuer} answers as an older server does: /authorize, /token and /register.`,
    "These addresses are a guess. If authorizing fails, enter those that the provider's documentation names.",
  );
  return server;
}

const OAUTH_WORDS =
  /\b(invalid_request|invalid_client|invalid_grant|unsupported_grant_type|unauthorized_client|unsupported_response_type|invalid_redirect_uri|client_id|redirect_uri|response_type)\b/;

/** No client and no code are sent: OAuth is recognized by the error's text, or by a token that is returned anyway. */
async function answersAsOAuth(
  { tokenEndpoint, authorizationEndpoint }: AuthorizationServerMetadata,
  { outbound, signal }: DiscoveryContext,
): Promise<boolean> {
  const questions: [string, RequestInit][] = [
    [
      tokenEndpoint,
      {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          accept: "application/json",
        },
        body: "grant_type=authorization_code",
      },
    ],
    [authorizationEndpoint, { headers: { accept: "text/html, application/json" } }],
  ];
  for (const [url, init] of questions) {
    try {
      const asked = { ...init, redirect: "manual" as const, ...(signal ? { signal } : {}) };
      const response = await outbound(url, asked);
      const text = await response.text();
      const isRefusal = response.status >= 400 && response.status < 500 && response.status !== 404;
      if (isRefusal && OAUTH_WORDS.test(text)) return true;
      // Some grant a token to any caller.
      const granted = response.ok ? parseParameters(text) : null;
      if (granted && textOf(granted, "access_token") !== null) return true;
    } catch (error) {
      networkFailure(error);
    }
  }
  return false;
}
