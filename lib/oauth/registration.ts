import { customFetch } from "oauth4webapi";
import { jwksPath, type TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { ProviderError } from "@/lib/errors";
import type { OAuthContext } from "@/lib/oauth/client";
import { type ProviderAnswer, unreadable } from "@/lib/oauth/error-response";
import { parseParameters } from "@/lib/oauth/parameters";
import { readAnswer } from "@/lib/oauth/provider-request";
import {
  authMethodNames,
  type RegisteredClient,
  readClient,
  registerByHand,
} from "@/lib/oauth/registered-client";
import { errorIn, toldError } from "@/lib/oauth/told-error";
import { providerText } from "@/lib/untrusted-text";

/** What an authorization server is told about Usher. @see https://www.rfc-editor.org/rfc/rfc7591#section-2 */
export interface ClientMetadata {
  client_name: string;
  client_uri?: string;
  redirect_uris: string[];
  grant_types: string[];
  response_types: string[];
  token_endpoint_auth_method:
    | "client_secret_basic"
    | "client_secret_post"
    | "private_key_jwt"
    | "none";
  /** For `private_key_jwt`. */
  jwks_uri?: string;
  application_type?: "web" | "native";
  scope?: string;
}

/** What this installation is, as seen from outside. */
interface Installation {
  /** An origin, without a trailing slash. */
  readonly publicUrl: string;
  readonly redirectUri: string;
}

/**
 * The document behind `clientIdMetadataUrl`. It names the URL itself, and no secret: a client that everyone can
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
 * @param scope everything that may be requested later: some servers enforce it. Null:
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
    token_endpoint_auth_method: authMethodNames[authMethod],
    ...(authMethod === "PRIVATE_KEY_JWT" ? { jwks_uri: publicUrl + jwksPath } : {}),
    // OpenID Connect Registration §2: a web client's redirect URI is https and not on localhost.
    application_type: redirectUri.startsWith("https:") ? "web" : "native",
    ...(scope === null ? {} : { scope }),
  };
}

/**
 * Registers Usher at an authorization server.
 *
 * @throws {ProviderError} It refused, or issued a client that Usher cannot use; says what to do.
 * @throws {UnreachableError} No complete response came in time.
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3.1
 */
export async function registerClient(
  registrationEndpoint: string,
  metadata: ClientMetadata,
  ctx: OAuthContext,
): Promise<RegisteredClient> {
  let asked = metadata;
  for (let tries = 1; ; tries++) {
    try {
      return await register(registrationEndpoint, asked, ctx);
    } catch (error) {
      const less = withoutRefused(asked, error);
      if (less === null || tries === mostTries) throw error;
      asked = less;
    }
  }
}

const mostTries = 3;

/** What a server may refuse and a client works without, with the words by which a refusal names it. */
const dispensable: readonly [words: RegExp, (asked: ClientMetadata) => ClientMetadata][] = [
  // Some servers accept no registration for a scope that they still grant.
  [/scope/i, ({ scope: _, ...rest }) => rest],
  // RFC 7591 §2.1: a server without refresh tokens may refuse the grant instead of leaving it out.
  [
    /grant.?types?|refresh.?token/i,
    (asked) => ({ ...asked, grant_types: asked.grant_types.filter(isCodeGrant) }),
  ],
  // RFC 7591 §2: unknown members are to be ignored, and some servers refuse them.
  [/application.?type/i, ({ application_type: _, ...rest }) => rest],
  [/client.?uri/i, ({ client_uri: _, ...rest }) => rest],
];

function isCodeGrant(grant: string): boolean {
  return grant === "authorization_code";
}

/** The same request without the first part that the refusal names; null: it names none that was sent. */
function withoutRefused(asked: ClientMetadata, error: unknown): ClientMetadata | null {
  if (!(error instanceof ProviderError) || error.status > 499 || error.status === 429) return null;
  const sent = JSON.stringify(asked);
  for (const [words, reduce] of dispensable) {
    const less = words.test(`${error.error} ${error.said}`) ? reduce(asked) : asked;
    if (JSON.stringify(less) !== sent) return less;
  }
  return null;
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
  // Some refuse with 200.
  const isError =
    parameters !== null && !("client_id" in parameters) && errorIn(parameters) !== null;
  if (answer.status < 200 || answer.status > 299 || isError) throw refused(answer);
  if (!parameters)
    throw unreadable(answer, "answered with something that is no client", registerByHand);
  return readClient(answer, parameters, metadata, ctx.now());
}

/** @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2 */
function refused(answer: ProviderAnswer): ProviderError {
  const { host, status } = answer;
  const told = toldError(answer);
  const description = providerText(told?.description ?? null);
  const quote = [told?.code, description && `“${description}”`].filter(Boolean).join(": ");
  const sentence = `${host} ${explain(status, told?.code ?? null)}`;
  const said = told?.description ?? null;
  return new ProviderError(
    { status, error: told?.code ?? null, said, retryAfterMs: answer.retryAfterMs() },
    quote === "" ? sentence : `${sentence} (It said: ${quote})`,
  );
}

function explain(status: number, code: string | null): string {
  if (status === 429) return "is asked too often just now. Try again later.";
  if (status >= 500) return "has a temporary problem. Try again later.";
  if (code === "invalid_redirect_uri") {
    return `does not register Usher's callback URL. Its operator can allow it. ${registerByHand}`;
  }
  if (status === 401 || status === 403) {
    return `registers no client that it does not know already. ${registerByHand}`;
  }
  return `did not register Usher (status ${status}). ${registerByHand}`;
}
