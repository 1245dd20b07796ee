import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import { parseUrl } from "@/lib/parse-url";
import {
  type AuthenticationType,
  asksForKeys,
  type GrantType,
  storedCredential,
  type Transport,
} from "./kinds";
import type { McpServerInput } from "./mcp-server";
import type { RegistrationMode } from "./oauth-client";

/** What an edit's effects depend on. A server's row can provide it, and so can its page. */
export interface StoredServer {
  transport: Transport;
  authentication: AuthenticationType;
  headerSharing: TokenSharing;
  url: string | null;
  command: string | null;
  args: readonly string[];
  hasEnvironment: boolean;
  hasHeaders: boolean;
  oauthClient: StoredClient | null;
}

interface StoredClient {
  clientId: string;
  hasClientSecret: boolean;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  revocationEndpoint: string | null;
  issuer: string | null;
  tokenSharing: TokenSharing;
  grantType: GrantType;
  registration: RegistrationMode;
  /** Empty or absent: the Token URL. */
  refreshEndpoint?: string;
  /** People may connect their own accounts if their organization's access is refused. */
  ownConsent?: boolean;
  /** The team's account is offered alongside people's own. */
  teamAccount?: boolean;
}

/** What happens to a stored secret if its field is left empty. Without a reason there is nothing to keep. */
export type SecretEffect = { keep: true } | { keep: false; reason: string | null };

export interface EditEffects {
  environment: SecretEffect;
  headers: SecretEffect;
  clientSecret: SecretEffect;
  /** How Usher is a client from now on, and whether its own registration stays. */
  registration: { mode: RegistrationMode; keep: boolean };
  /**
   * Stored tokens belong to one client at one provider for one server, and to one kind of sharing. People's
   * own keys belong to one server.
   */
  tokens: { keep: true } | { keep: false; reason: string };
  /** Those of the team, at a server where people have their own accounts. */
  teamTokens: { keep: true } | { keep: false; reason: string };
}

/**
 * What an edit keeps and what it drops. The form shows it during typing, and the server applies it.
 *
 * A stored secret goes only where it was meant to go: a new URL or command gets it only from a person who
 * knows it, not from a person who may edit the form.
 *
 * @param stored null: the server is new
 */
export function effectsOfEdit(stored: StoredServer | null, input: McpServerInput): EditEffects {
  const client = stored?.oauthClient ?? null;
  const mode = registrationOf(client, input);
  const moved = stored && client ? movedEndpoint(stored, client, input) : null;
  const keepsRegistration =
    client !== null &&
    client.registration !== "PRE_REGISTERED" &&
    client.registration === mode &&
    moved === null;
  const destination =
    stored && client ? changedDestination(stored, client, input, keepsRegistration) : null;
  return {
    environment: secretEffect(
      stored?.hasEnvironment && !input.clearEnvironment,
      stored && changesProgram(stored, input)
        ? "The command changed. Enter the variables again, so that this program gets them on purpose."
        : null,
    ),
    headers: secretEffect(
      stored?.hasHeaders && !input.clearHeaders,
      stored && stored.url !== input.url.trim()
        ? "The URL changed. Enter the headers again, so that they are sent there on purpose."
        : null,
    ),
    clientSecret: secretEffect(
      client?.hasClientSecret,
      destination &&
        `The ${destination} changed. Enter the client secret again, so that it is sent there on purpose.`,
    ),
    registration: { mode, keep: keepsRegistration },
    tokens:
      stored && asksForKeys(stored)
        ? keysEffect(stored, input)
        : tokensEffect(client, input, { mode, keepsRegistration, moved, destination }),
    teamTokens:
      client?.teamAccount && input.oauth.teamAccount === false
        ? { keep: false, reason: "The team’s account is no longer offered." }
        : { keep: true },
  };
}

function secretEffect(isStored: boolean | undefined, reason: string | null): SecretEffect {
  if (!isStored) return { keep: false, reason: null };
  return reason === null ? { keep: true } : { keep: false, reason };
}

/** Other header names keep the values that they share with the previous ones. */
function keysEffect(stored: StoredServer, input: McpServerInput): EditEffects["tokens"] {
  if (!asksForKeys({ ...input, headerSharing: headerSharingOf(stored, input) })) {
    return { keep: false, reason: "The server no longer asks each person for a key." };
  }
  return stored.url === input.url.trim()
    ? { keep: true }
    : { keep: false, reason: "The URL changed, and a key goes only where it was entered for." };
}

/** An edit that does not mention it leaves it unchanged. */
export function headerSharingOf(
  stored: { headerSharing: TokenSharing } | null,
  { headerSharing }: Pick<McpServerInput, "headerSharing">,
): TokenSharing {
  return headerSharing ?? stored?.headerSharing ?? "SHARED";
}

function tokensEffect(
  client: StoredClient | null,
  input: McpServerInput,
  change: {
    mode: RegistrationMode;
    keepsRegistration: boolean;
    moved: string | null;
    destination: string | null;
  },
): EditEffects["tokens"] {
  if (!client) return { keep: true };
  if (storedCredential(input) !== "oauth-client") {
    return { keep: false, reason: "The server no longer uses OAuth 2.0." };
  }
  if (client.tokenSharing !== input.oauth.tokenSharing) {
    return { keep: false, reason: "Token sharing changed." };
  }
  if (client.grantType !== input.oauth.grantType) {
    return { keep: false, reason: "The grant type changed." };
  }
  if (client.ownConsent && input.oauth.ownConsent === false) {
    return { keep: false, reason: "People may no longer connect their own accounts." };
  }
  if (change.mode !== "PRE_REGISTERED" && !change.keepsRegistration) {
    const what = change.moved ?? "registration";
    return {
      keep: false,
      reason: `The ${what} changed, so Usher registers with the provider again.`,
    };
  }
  // A new revocation endpoint leaves tokens valid.
  if (change.destination === null || change.destination === "Revocation URL") return { keep: true };
  return { keep: false, reason: `The ${change.destination} changed.` };
}

/** An edit that does not mention it leaves it unchanged, unless it sets another client ID. */
function registrationOf(client: StoredClient | null, { oauth }: McpServerInput): RegistrationMode {
  if (oauth.registration !== undefined) return oauth.registration;
  return client && client.clientId === oauth.clientId.trim()
    ? client.registration
    : "PRE_REGISTERED";
}

/** Where the client secret would go from now on and has not gone before; null: nowhere else. */
function changedDestination(
  stored: StoredServer,
  client: StoredClient,
  { url, oauth }: McpServerInput,
  keepsRegistration: boolean,
): string | null {
  if (stored.url !== url.trim()) return "server URL";
  if (client.tokenEndpoint !== oauth.tokenEndpoint.trim()) return "Token URL";
  if (refreshesElsewhere(client, oauth)) return "Refresh URL";
  if (!keepsRegistration && client.clientId !== oauth.clientId.trim()) return "client ID";
  return revokesElsewhere(client, oauth) ? "Revocation URL" : null;
}

/** What a registration belongs to and the edit changes; null: nothing. */
function movedEndpoint(
  stored: StoredServer,
  client: StoredClient,
  { url, oauth }: McpServerInput,
): string | null {
  if (stored.url !== url.trim()) return "server URL";
  if ((client.issuer ?? "") !== oauth.issuer.trim()) return "issuer";
  if (client.authorizationEndpoint !== oauth.authorizationEndpoint.trim()) {
    return "Authorization URL";
  }
  if (client.tokenEndpoint !== oauth.tokenEndpoint.trim()) return "Token URL";
  if (refreshesElsewhere(client, oauth)) return "Refresh URL";
  return revokesElsewhere(client, oauth) ? "Revocation URL" : null;
}

/** A revocation sends the secret along, to a host that it was not entered for. */
function revokesElsewhere(
  client: StoredClient,
  { revocationEndpoint, tokenEndpoint }: McpServerInput["oauth"],
): boolean {
  const revocation = revocationEndpoint.trim();
  if (revocation === "" || revocation === client.revocationEndpoint) return false;
  return originOf(revocation) !== originOf(tokenEndpoint);
}

/** A refresh sends the secret and the refresh token along, to a host that they were not meant for. */
function refreshesElsewhere(
  client: StoredClient,
  { refreshEndpoint, tokenEndpoint }: McpServerInput["oauth"],
): boolean {
  const stored = client.refreshEndpoint ?? "";
  const refresh = refreshEndpoint?.trim() ?? stored;
  if (refresh === "" || refresh === stored) return false;
  return originOf(refresh) !== originOf(tokenEndpoint);
}

function originOf(url: string): string | null {
  return parseUrl(url)?.origin ?? null;
}

function changesProgram(stored: StoredServer, input: McpServerInput): boolean {
  return (
    stored.command !== input.command.trim() || stored.args.join("\n") !== argsOf(input).join("\n")
  );
}

/** One argument per line, as typed. */
export function argsOf({ args }: Pick<McpServerInput, "args">): string[] {
  return args
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
