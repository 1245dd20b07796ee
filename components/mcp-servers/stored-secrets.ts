import type { McpServerDetail, McpServerInput } from "@/lib/contracts/mcp-server";

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
  const changed = changedDestination(stored, values);
  if (changed === null || changed === "Revocation URL") return null;
  return `The ${changed} changed.`;
}

function hasTokens({ connectedPeople, connection }: McpServerDetail): boolean {
  return connectedPeople > 0 || (connection !== null && connection.status !== "not_connected");
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
  if (client.clientId !== oauth.clientId.trim()) return "client ID";
  const revocation = oauth.revocationEndpoint.trim();
  const elsewhere = revocation !== "" && originOf(revocation) !== originOf(oauth.tokenEndpoint);
  if (elsewhere && revocation !== client.revocationEndpoint) return "Revocation URL";
  return null;
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
