import { customFetch } from "oauth4webapi";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/mcp-server";
import { ProviderError } from "@/lib/errors";
import type { OAuthContext } from "@/lib/oauth/client";
import { type ProviderAnswer, unreadable } from "@/lib/oauth/error-response";
import { listOf, type Parameters, parseParameters, textOf } from "@/lib/oauth/parameters";
import { readAnswer } from "@/lib/oauth/provider-request";
import { formatScope, parseScope } from "@/lib/oauth/scope";
import { toldError } from "@/lib/oauth/told-error";
import { providerText } from "@/lib/untrusted-text";

/** What an authorization server is told of Usher. @see https://www.rfc-editor.org/rfc/rfc7591#section-2 */
export interface ClientMetadata {
  client_name: string;
  client_uri: string;
  redirect_uris: string[];
  grant_types: string[];
  response_types: string[];
  token_endpoint_auth_method: "client_secret_basic" | "client_secret_post" | "none";
  application_type: "web" | "native";
  scope?: string;
}

/** What this installation is, as seen from outside. */
interface Installation {
  /** An origin, without a slash at its end. */
  readonly publicUrl: string;
  readonly redirectUri: string;
}

const AUTH_METHOD_NAMES = {
  CLIENT_SECRET_BASIC: "client_secret_basic",
  CLIENT_SECRET_BASIC_RAW: "client_secret_basic",
  CLIENT_SECRET_POST: "client_secret_post",
  NONE: "none",
} as const satisfies Record<TokenEndpointAuthMethod, string>;

/** Where this installation's Client ID Metadata Document is. */
const clientMetadataPath = "/oauth/client-metadata";

/**
 * This installation's client ID at every authorization server that fetches such documents; null
 * where it has none, as those fetch over https, from the public internet.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-3
 */
export function clientIdMetadataUrl(publicUrl: string): string | null {
  const { protocol, hostname } = new URL(publicUrl);
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
  return protocol === "https:" && !isLoopback ? publicUrl + clientMetadataPath : null;
}

/**
 * The document behind that URL. It names the URL itself, and no secret: a client that everybody can
 * read about has none.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-4
 */
export function clientMetadataDocument(
  clientId: string,
  installation: Installation,
): ClientMetadata & { client_id: string } {
  return { client_id: clientId, ...clientMetadata(installation, "NONE", null) };
}

/**
 * @param scope everything that may be asked for later: some servers take a client at its word. Null:
 *   the server decides.
 */
export function clientMetadata(
  { publicUrl, redirectUri }: Installation,
  authMethod: TokenEndpointAuthMethod,
  scope: string | null,
): ClientMetadata {
  return {
    client_name: "Usher",
    client_uri: publicUrl,
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: AUTH_METHOD_NAMES[authMethod],
    // OpenID Connect Registration §2: a web client's redirect URI is https and not on localhost.
    application_type: redirectUri.startsWith("https:") ? "web" : "native",
    ...(scope === null ? {} : { scope }),
  };
}

/** The method of this name; null for one that Usher does not have. */
export function authMethodNamed(name: string): TokenEndpointAuthMethod | null {
  const known = Object.entries(AUTH_METHOD_NAMES).find(([, each]) => each === name);
  return known ? (known[0] as TokenEndpointAuthMethod) : null;
}

/** What an authorization server calls Usher from now on. */
export interface RegisteredClient {
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
  /** Null: it stays valid. */
  readonly clientSecretExpiresAt: Date | null;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** What it may ask for, as the server told; null: not told. */
  readonly scope: string | null;
}

const BY_HAND = "Register a client there by hand, and enter its client ID and secret.";

/**
 * Registers Usher at an authorization server.
 *
 * @throws {ProviderError} It refused, or gave a client that Usher cannot use; says what to do.
 * @throws {UnreachableError} No whole answer came in time.
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3.1
 */
export async function registerClient(
  registrationEndpoint: string,
  metadata: ClientMetadata,
  ctx: OAuthContext,
): Promise<RegisteredClient> {
  const { scope, ...withoutScope } = metadata;
  try {
    return await register(registrationEndpoint, metadata, ctx);
  } catch (error) {
    // Some servers let nobody register for a scope that they grant all the same.
    if (scope === undefined || !isRefusedForScope(error)) throw error;
    return register(registrationEndpoint, withoutScope, ctx);
  }
}

function isRefusedForScope(error: unknown): boolean {
  if (!(error instanceof ProviderError) || error.status < 400 || error.status > 499) return false;
  return error.status !== 429 && /scope/i.test(`${error.error} ${error.said}`);
}

async function register(
  registrationEndpoint: string,
  metadata: ClientMetadata,
  ctx: OAuthContext,
): Promise<RegisteredClient> {
  const asked = {
    url: registrationEndpoint,
    field: "registration endpoint" as const,
    kind: "registration" as const,
    secrets: [],
  };
  const answer = await readAnswer(asked, ctx, ({ signal, [customFetch]: send }) =>
    send(registrationEndpoint, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(metadata),
      signal,
    }),
  );
  const parameters = parseParameters(answer.body);
  if (answer.status < 200 || answer.status > 299) throw refused(answer);
  if (!parameters) throw unreadable(answer, "answered with something that is no client", BY_HAND);
  return readClient(answer, parameters, metadata, ctx.now());
}

/** @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1 */
function readClient(
  answer: ProviderAnswer,
  parameters: Parameters,
  asked: ClientMetadata,
  now: Date,
): RegisteredClient {
  const clientId = textOf(parameters, "client_id");
  if (clientId === null) throw unreadable(answer, "registered Usher without a client ID", BY_HAND);
  const redirectUris = listOf(parameters, "redirect_uris") ?? [];
  if (redirectUris.length > 0 && !asked.redirect_uris.every((uri) => redirectUris.includes(uri))) {
    throw unreadable(answer, "registered Usher with another callback URL", BY_HAND);
  }
  const clientSecret = textOf(parameters, "client_secret");
  // RFC 7591 §2: a client with a secret and no method is one of client_secret_basic, whatever was asked for.
  const method = authMethodNamed(
    textOf(parameters, "token_endpoint_auth_method") ??
      (clientSecret === null ? "none" : "client_secret_basic"),
  );
  if (method === null || (method !== "NONE" && clientSecret === null)) {
    throw unreadable(
      answer,
      "registered Usher for a way to sign in that it does not have",
      BY_HAND,
    );
  }
  return {
    clientId,
    clientSecret: method === "NONE" ? null : clientSecret,
    clientSecretExpiresAt: method === "NONE" ? null : secretExpiry(parameters, now),
    tokenEndpointAuthMethod: method,
    scope: formatScope(parseScope(textOf(parameters, "scope"))),
  };
}

/** As a lifetime: no date since OAuth exists is so small. */
const LONGEST_LIFETIME_S = 20 * 365 * 24 * 60 * 60;
/** In seconds since 1970 this is the year 5138: what is more are milliseconds. */
const FIRST_MILLISECONDS = 1e11;
const LAST_MILLISECONDS = FIRST_MILLISECONDS * 1000;

/**
 * In seconds since 1970; 0 means never. Read as well: numbers in quotes, milliseconds, dates in words, and a
 * lifetime from now on. What is over already at the registration is not believed.
 */
function secretExpiry(parameters: Parameters, now: Date): Date | null {
  const { client_secret_expires_at: told } = parameters;
  const text = typeof told === "string" && told.trim() !== "" ? told.trim() : null;
  const number = text === null ? told : Number(text);
  const isNumber = typeof number === "number" && Number.isFinite(number);
  const seconds = isNumber ? number : Date.parse(text ?? "") / 1000;
  if (!(seconds > 0)) return null;
  const at = new Date(seconds * (seconds < FIRST_MILLISECONDS ? 1000 : 1));
  if (seconds <= LONGEST_LIFETIME_S) return new Date(now.getTime() + seconds * 1000);
  // An invalid date is in no order.
  return at > now && seconds < LAST_MILLISECONDS ? at : null;
}

/** @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2 */
function refused(answer: ProviderAnswer): ProviderError {
  const { host, status, retryAfterMs } = answer;
  const told = toldError(answer);
  const description = providerText(told?.description ?? null);
  const quote = [told?.code, description && `“${description}”`].filter(Boolean).join(": ");
  const sentence = `${host} ${explain(status, told?.code ?? null)}`;
  const said = told?.description ?? null;
  return new ProviderError(
    { status, error: told?.code ?? null, said, retryAfterMs },
    quote === "" ? sentence : `${sentence} (It said: ${quote})`,
  );
}

function explain(status: number, code: string | null): string {
  if (status === 429) return "is asked too often just now. Try again later.";
  if (status >= 500) return "has a temporary problem. Try again later.";
  if (code === "invalid_redirect_uri") {
    return `does not register Usher's callback URL. Its operator can allow it. ${BY_HAND}`;
  }
  if (status === 401 || status === 403) {
    return `registers no client that it does not know already. ${BY_HAND}`;
  }
  return `did not register Usher (status ${status}). ${BY_HAND}`;
}
