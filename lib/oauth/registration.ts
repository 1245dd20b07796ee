import { randomUUID } from "node:crypto";
import { customFetch } from "oauth4webapi";
import { jwksPath, type TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { ProviderError } from "@/lib/errors";
import type { OAuthContext } from "@/lib/oauth/client";
import { type ProviderAnswer, unreadable } from "@/lib/oauth/error-response";
import { isWebPage, type Parameters, parseParameters } from "@/lib/oauth/parameters";
import { readAnswer } from "@/lib/oauth/provider-request";
import {
  authMethodNames,
  type RegisteredClient,
  readClient,
  registerByHand,
} from "@/lib/oauth/registered-client";
import { errorIn, type ToldError, toldError } from "@/lib/oauth/told-error";
import { providerText } from "@/lib/untrusted-text";

/** What an authorization server is told about Usher. @see https://www.rfc-editor.org/rfc/rfc7591#section-2 */
export interface ClientMetadata {
  client_name: string;
  client_uri?: string;
  redirect_uris: string[];
  grant_types: string[];
  response_types?: string[];
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
  let url = registrationEndpoint;
  for (let tries = 1; ; tries++) {
    const { answer, movedTo } = await post(url, asked, ctx);
    const parameters = parseParameters(answer.body);
    if (!isRefusal(answer, parameters)) {
      if (parameters) return readClient(answer, parameters, asked, ctx.now());
      throw unreadable(answer, "answered with something that is no client", registerByHand);
    }
    const less = withoutRefused(asked, answer);
    if (tries === mostTries || (less === null && movedTo === null)) throw refused(url, answer);
    url = movedTo ?? url;
    asked = less ?? asked;
  }
}

const mostTries = 3;

/** What a server may refuse and a client works without, with the words by which a refusal names it. */
const dispensable: readonly [
  words: RegExp,
  reduce: (asked: ClientMetadata, refusal: string) => ClientMetadata,
][] = [
  // Some servers accept a way to sign in only that their metadata do not name, and say so here.
  [/auth.?method|(public|confidential) clients?|client_secret_(basic|post)/i, withOtherMethod],
  // Some servers accept no registration for a scope that they still grant.
  [/scope/i, ({ scope: _, ...rest }) => rest],
  // RFC 7591 §2.1: a server without refresh tokens may refuse the grant instead of leaving it out.
  [
    /grant.?types?|refresh.?token/i,
    (asked) => ({ ...asked, grant_types: asked.grant_types.filter(isCodeGrant) }),
  ],
  // RFC 7591 §2: unknown members are to be ignored, and some servers refuse them.
  [/application.?type|\bnative\b/i, ({ application_type: _, ...rest }) => rest],
  [/client.?uri/i, ({ client_uri: _, ...rest }) => rest],
  // RFC 7591 §2: code is the default.
  [/response.?types?/i, ({ response_types: _, ...rest }) => rest],
];

function isCodeGrant(grant: string): boolean {
  return grant === "authorization_code";
}

/** The way to sign in that a refusal names instead of the one asked for. A key is an admin's choice, and stays. */
function withOtherMethod(asked: ClientMetadata, refusal: string): ClientMetadata {
  const { token_endpoint_auth_method: method } = asked;
  if (method === "private_key_jwt") return asked;
  const words = refusal.toLowerCase();
  const named = (["none", "client_secret_post", "client_secret_basic"] as const).filter(
    (each) => each !== method && new RegExp(`\\b${each}\\b`).test(words),
  );
  const other = named[0] ?? (words.includes("confidential") ? "client_secret_basic" : "none");
  return { ...asked, token_endpoint_auth_method: other };
}

/** Names need not be unique (RFC 7591 §2), and at some servers they are, such as those of forgotten clients. */
const NAME_TAKEN =
  /\b(name|client|application)\b.{0,80}\b(already (exists?|registered|taken|in use)|not unique|must be unique)\b/i;

/** The same request without the first part that the refusal names; null: it names none that was sent. */
function withoutRefused(asked: ClientMetadata, answer: ProviderAnswer): ClientMetadata | null {
  if (answer.status === 429) return null;
  const told = toldError(answer);
  if (NAME_TAKEN.test(told?.description ?? "")) {
    return { ...asked, client_name: `Usher ${randomUUID().slice(0, 8)}` };
  }
  if (answer.status > 499) return null;
  const sent = JSON.stringify(asked);
  // Some name it only where they list what is wrong, and some repeat there what was sent.
  const listed = isWebPage(answer.body) ? "" : answer.body.slice(0, LONGEST_REFUSAL);
  for (const refusal of [`${told?.code} ${told?.description}`, listed]) {
    for (const [words, reduce] of dispensable) {
      const less = words.test(refusal) ? reduce(asked, refusal) : asked;
      if (JSON.stringify(less) !== sent) return less;
    }
  }
  return null;
}

const LONGEST_REFUSAL = 4_096;
/** The method of a request stays with these. */
const MOVED: ReadonlySet<number> = new Set([301, 307, 308]);

/** A redirect may be followed, as no secret is sent; the guard checks each address. */
async function post(
  url: string,
  metadata: ClientMetadata,
  ctx: OAuthContext,
): Promise<{ answer: ProviderAnswer; movedTo: string | null }> {
  const field = "registration endpoint" as const;
  const answer = await readAnswer(
    { url, field, kind: "registration", secrets: [] },
    ctx,
    ({ signal, [customFetch]: send }) =>
      send(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(metadata),
        redirect: "manual",
        signal,
      }),
  );
  return { answer, movedTo: MOVED.has(answer.status) ? (answer.location?.href ?? null) : null };
}

/** Some refuse with 200. */
function isRefusal({ status }: ProviderAnswer, parameters: Parameters | null): boolean {
  if (status < 200 || status > 299) return true;
  return parameters !== null && !("client_id" in parameters) && errorIn(parameters) !== null;
}

/** @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2 */
function refused(url: string, answer: ProviderAnswer): ProviderError {
  const { host, status } = answer;
  const told = toldError(answer);
  const description = providerText(told?.description ?? null);
  const quote = [told?.code, description && `“${description}”`].filter(Boolean).join(": ");
  const sentence = `${host} ${explain(url, status, told, isWebPage(answer.body))}`;
  const said = told?.description ?? null;
  return new ProviderError(
    { status, error: told?.code ?? null, said, retryAfterMs: answer.retryAfterMs() },
    quote === "" ? sentence : `${sentence} (It said: ${quote})`,
  );
}

function explain(url: string, status: number, told: ToldError | null, isPage: boolean): string {
  if (status === 429) return "is receiving too many requests. Try again later.";
  if (status >= 500) return "has a temporary problem. Try again later.";
  if (/redirect.?uri|callback.?ur[il]/i.test(`${told?.code} ${told?.description}`)) {
    return `does not register Usher's callback URL. Its operator can allow it. ${registerByHand}`;
  }
  if (status >= 300 && status < 400) {
    return `answers the registration with a redirect (status ${status}). ${registerByHand}`;
  }
  if (status === 403 && isPage) {
    return `answered with a web page (status 403), as firewalls do. Its operator can let Usher through. ${registerByHand}`;
  }
  if (status === 401 || status === 403) {
    return `registers no client that it does not know already. ${registerByHand}`;
  }
  if (status === 404 || status === 405) {
    return `registers no client at ${new URL(url).pathname} (status ${status}). ${registerByHand}`;
  }
  return `did not register Usher (status ${status}). ${registerByHand}`;
}
