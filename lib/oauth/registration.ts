import { customFetch } from "oauth4webapi";
import { ProviderError } from "@/lib/errors";
import type { OAuthContext, TokenEndpointAuthMethod } from "@/lib/oauth/client";
import { authMethodNamed, type ClientMetadata } from "@/lib/oauth/client-metadata";
import { errorIn, type ProviderAnswer, unreadable } from "@/lib/oauth/error-response";
import { listOf, type Parameters, parseParameters, textOf } from "@/lib/oauth/parameters";
import { readAnswer } from "@/lib/oauth/provider-request";
import { providerText } from "@/lib/oauth/provider-text";

/** What an authorization server calls Usher from now on. */
export interface RegisteredClient {
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
  /** Null: it stays valid. */
  readonly clientSecretExpiresAt: Date | null;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
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
  if (answer.status < 200 || answer.status > 299) throw refused(answer, parameters);
  if (!parameters) throw unreadable(answer, "answered with something that is no client", BY_HAND);
  return readClient(answer, parameters, metadata);
}

/** @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1 */
function readClient(
  answer: ProviderAnswer,
  parameters: Parameters,
  asked: ClientMetadata,
): RegisteredClient {
  const clientId = textOf(parameters, "client_id");
  if (clientId === null) throw unreadable(answer, "registered Usher without a client ID", BY_HAND);
  const redirectUris = listOf(parameters, "redirect_uris") ?? [];
  if (redirectUris.length > 0 && !asked.redirect_uris.every((uri) => redirectUris.includes(uri))) {
    throw unreadable(answer, "registered Usher with another callback URL", BY_HAND);
  }
  const clientSecret = textOf(parameters, "client_secret");
  // What it does not tell was registered as it was asked for.
  const named =
    textOf(parameters, "token_endpoint_auth_method") ?? asked.token_endpoint_auth_method;
  const method = authMethodNamed(named);
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
    clientSecretExpiresAt: method === "NONE" ? null : secretExpiry(parameters),
    tokenEndpointAuthMethod: method,
  };
}

/** In seconds since 1970; 0 means never. */
function secretExpiry(parameters: Parameters): Date | null {
  const { client_secret_expires_at: seconds } = parameters;
  return typeof seconds === "number" && seconds > 0 && seconds < 1e11
    ? new Date(seconds * 1000)
    : null;
}

/** @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2 */
function refused(answer: ProviderAnswer, parameters: Parameters | null): ProviderError {
  const { host, status, retryAfterMs } = answer;
  const told = parameters && errorIn(parameters);
  const description = providerText(told?.description ?? null);
  const quote = [told?.code, description && `“${description}”`].filter(Boolean).join(": ");
  const sentence = `${host} ${explain(status, told?.code ?? null)}`;
  return new ProviderError(
    { status, error: told?.code ?? null, retryAfterMs },
    quote === "" ? sentence : `${sentence} (It said: ${quote})`,
  );
}

function explain(status: number, code: string | null): string {
  if (status === 429) return "is asked too often just now. Try again later.";
  if (status >= 500) return "has a problem of its own just now. Try again later.";
  if (code === "invalid_redirect_uri") {
    return `does not register Usher's callback URL. Its operator can allow it. ${BY_HAND}`;
  }
  if (status === 401 || status === 403) {
    return `registers no client that it does not know already. ${BY_HAND}`;
  }
  return `did not register Usher (status ${status}). ${BY_HAND}`;
}
