import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import type {
  McpServerDetail,
  McpServerInput,
  OAuthClientView,
} from "@/lib/contracts/servers/mcp-server";
import type { RegistrationMode } from "@/lib/contracts/servers/oauth-client";
import { parseUrl } from "@/lib/parse-url";

/** A change of where a stored secret would go asks for it anew: the words say which change. */
export type SecretDemands = {
  environment: string | null;
  headers: string | null;
  clientSecret: string | null;
};

const nothing: SecretDemands = { environment: null, headers: null, clientSecret: null };

/** The server decides; this says it as soon as the change is typed. */
export function secretDemands(
  stored: McpServerDetail | null,
  values: McpServerInput,
): SecretDemands {
  if (!stored) return nothing;
  const changed = changedDestination(stored, values);
  return {
    environment:
      stored.environmentNames.length > 0 && changedProgram(stored, values)
        ? "The command changed. Enter the variables again, so that this program gets them on purpose."
        : null,
    headers:
      stored.headerNames.length > 0 && stored.url !== values.url.trim()
        ? "The URL changed. Enter the headers again, so that they are sent there on purpose."
        : null,
    clientSecret:
      stored.oauthClient?.hasClientSecret && changed
        ? `The ${changed} changed. Enter the client secret again, so that it is sent there on purpose.`
        : null,
  };
}

/** Why saving would end what is connected now; null where it would not, or nothing is connected. */
export function endsConnection(
  stored: McpServerDetail | null,
  values: McpServerInput,
): string | null {
  const client = stored?.oauthClient;
  if (!client || !hasTokens(stored)) return null;
  if (values.authentication !== "OAUTH") return "The server no longer uses OAuth 2.0.";
  if (client.tokenSharing !== values.oauth.tokenSharing) return "Token sharing changed.";
  const registers = registrationOf(stored, values) !== "PRE_REGISTERED";
  if (registers && !keepsRegistration(stored, values)) {
    const changed = changedEndpoint(stored, client, values) ?? "registration";
    return `The ${changed} changed, so Usher registers anew at the provider.`;
  }
  const changed = changedDestination(stored, values);
  if (changed === null || changed === "Revocation URL") return null;
  return `The ${changed} changed.`;
}

function hasTokens({ people, connection }: McpServerDetail): boolean {
  const shared = connection !== null && connection.standing.status !== "not_connected";
  return shared || storedAccounts(people) > 0;
}

function changedProgram(stored: McpServerDetail, values: McpServerInput): boolean {
  const args = values.args
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return stored.command !== values.command.trim() || stored.args.join("\n") !== args.join("\n");
}

function changedDestination(stored: McpServerDetail, values: McpServerInput): string | null {
  const client = stored.oauthClient;
  if (!client) return null;
  const { oauth } = values;
  if (stored.url !== values.url.trim()) return "server URL";
  if (client.tokenEndpoint !== oauth.tokenEndpoint.trim()) return "Token URL";
  if (!keepsRegistration(stored, values) && client.clientId !== oauth.clientId.trim()) {
    return "client ID";
  }
  return revokesElsewhere(client, values) ? "Revocation URL" : null;
}

/** What Usher registered by itself, with its tokens, stays for the same kind, server and issuer alone. */
function keepsRegistration(stored: McpServerDetail, values: McpServerInput): boolean {
  const client = stored.oauthClient;
  if (!client || client.registration === "PRE_REGISTERED") return false;
  return (
    registrationOf(stored, values) === client.registration &&
    changedEndpoint(stored, client, values) === null
  );
}

function registrationOf(stored: McpServerDetail, { oauth }: McpServerInput): RegistrationMode {
  if (oauth.registration !== undefined) return oauth.registration;
  const client = stored.oauthClient;
  return client && client.clientId === oauth.clientId.trim()
    ? client.registration
    : "PRE_REGISTERED";
}

function changedEndpoint(
  stored: McpServerDetail,
  client: OAuthClientView,
  values: McpServerInput,
): string | null {
  const { oauth } = values;
  if (stored.url !== values.url.trim()) return "server URL";
  if ((client.issuer ?? "") !== oauth.issuer.trim()) return "issuer";
  if (client.authorizationEndpoint !== oauth.authorizationEndpoint.trim()) {
    return "Authorization URL";
  }
  if (client.tokenEndpoint !== oauth.tokenEndpoint.trim()) return "Token URL";
  return revokesElsewhere(client, values) ? "Revocation URL" : null;
}

function revokesElsewhere(client: OAuthClientView, { oauth }: McpServerInput): boolean {
  const revocation = oauth.revocationEndpoint.trim();
  if (revocation === "" || revocation === client.revocationEndpoint) return false;
  return originOf(revocation) !== originOf(oauth.tokenEndpoint);
}

function originOf(url: string): string | null {
  return parseUrl(url)?.origin ?? null;
}
