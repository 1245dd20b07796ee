import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { RegistrationMode } from "@/lib/contracts/servers/oauth-client";
import type { McpServerRow, OAuthClientRow } from "@/lib/db/mcp-server";
import { parseUrl } from "@/lib/parse-url";

/** What becomes of a stored secret when its field was left empty. */
export type KeepDecision = { keep: true } | { keep: false; reason: string | null };

/**
 * A stored secret goes only where it was meant to go: a new address gets it only from somebody who
 * knows it, not from somebody who may edit the form.
 */
export function keepHeaders(input: McpServerInput, existing: McpServerRow | null): KeepDecision {
  if (input.clearHeaders || !existing?.headersSealed) return { keep: false, reason: null };
  if (existing.url === input.url) return { keep: true };
  return {
    keep: false,
    reason: "The URL changed. Enter the headers again, so that they are sent there on purpose.",
  };
}

export function keepEnvironment(
  input: McpServerInput,
  existing: McpServerRow | null,
): KeepDecision {
  if (input.clearEnvironment || !existing?.environmentSealed) return { keep: false, reason: null };
  const sameProgram =
    existing.command === input.command && existing.args.join("\n") === argsOf(input).join("\n");
  if (sameProgram) return { keep: true };
  return {
    keep: false,
    reason:
      "The command changed. Enter the variables again, so that this program gets them on purpose.",
  };
}

export function keepClientSecret(
  input: McpServerInput,
  existing: McpServerRow | null,
): KeepDecision {
  const client = existing?.oauthClient;
  if (!client?.clientSecretSealed) return { keep: false, reason: null };
  const changed = changedDestination(input, existing);
  if (changed === null) return { keep: true };
  return {
    keep: false,
    reason: `The ${changed} changed. Enter the client secret again, so that it is sent there on purpose.`,
  };
}

/**
 * What Usher registered by itself stays while it is of the chosen kind, for the same issuer and the
 * same server. Else it registers anew, and the form has no part in that.
 */
export function keepsRegistration(input: McpServerInput, existing: McpServerRow | null): boolean {
  const client = existing?.oauthClient;
  if (!client || client.registration === "PRE_REGISTERED") return false;
  if (registrationOf(input, existing) !== client.registration) return false;
  const { oauth } = input;
  return (
    existing.url === input.url &&
    (client.issuer ?? "") === oauth.issuer &&
    client.authorizationEndpoint === oauth.authorizationEndpoint &&
    client.tokenEndpoint === oauth.tokenEndpoint &&
    !revokesElsewhere(oauth, client)
  );
}

/** A form that does not speak of it leaves it as it is, unless it brings a client ID of its own. */
export function registrationOf(
  { oauth }: McpServerInput,
  existing: McpServerRow | null,
): RegistrationMode {
  if (oauth.registration !== undefined) return oauth.registration;
  const client = existing?.oauthClient;
  return client && client.clientId === oauth.clientId ? client.registration : "PRE_REGISTERED";
}

/** Stored tokens belong to one client at one provider for one server, and to one way of sharing. */
export function mustDropTokens(input: McpServerInput, existing: McpServerRow): boolean {
  if (!existing.oauthClient) return false;
  if (input.authentication !== "OAUTH" || input.transport === "STDIO") return true;
  if (existing.oauthClient.tokenSharing !== input.oauth.tokenSharing) return true;
  const byItself = registrationOf(input, existing) !== "PRE_REGISTERED";
  if (byItself && !keepsRegistration(input, existing)) return true;
  const changed = changedDestination(input, existing);
  return changed !== null && changed !== "Revocation URL";
}

function changedDestination(input: McpServerInput, existing: McpServerRow | null): string | null {
  const client = existing?.oauthClient;
  if (!client) return null;
  const { oauth } = input;
  if (existing.url !== input.url) return "server URL";
  if (client.tokenEndpoint !== oauth.tokenEndpoint) return "Token URL";
  if (!keepsRegistration(input, existing) && client.clientId !== oauth.clientId) return "client ID";
  return revokesElsewhere(oauth, client) ? "Revocation URL" : null;
}

/** A revocation takes the secret along, to a host that it was not entered for. */
function revokesElsewhere(
  { revocationEndpoint, tokenEndpoint }: McpServerInput["oauth"],
  client: Pick<OAuthClientRow, "revocationEndpoint">,
): boolean {
  if (revocationEndpoint === "" || revocationEndpoint === client.revocationEndpoint) return false;
  return originOf(revocationEndpoint) !== originOf(tokenEndpoint);
}

export function argsOf(input: Pick<McpServerInput, "args">): string[] {
  return input.args
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function originOf(url: string): string | null {
  return parseUrl(url)?.origin ?? null;
}
