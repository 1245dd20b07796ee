import type { FlowStep } from "@/lib/contracts/servers/flow";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import type { OAuthSettings } from "@/lib/contracts/servers/oauth-settings";

/** Revoking many people's tokens makes many requests; the first ones show what went wrong. */
const MOST_STEPS = 20;

/** A private key that signs for the client. */
export interface AssertionKey {
  /** The `kid` under which its public part is published. */
  readonly id: string;
  readonly algorithm: "ES256" | "RS256";
  readonly privateKey: CryptoKey;
}

/** A client registered at an authorization server, with that server's endpoints. */
export interface OAuthClient {
  readonly clientId: string;
  /** Null: a public client. */
  readonly clientSecret: string | null;
  /** From the registration; null or absent: it stays valid, as far as is known. */
  readonly clientSecretExpiresAt?: Date | null;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Null: no revocation endpoint. */
  readonly revocationEndpoint: string | null;
  /** What `iss` must say in authorization responses; null: unknown. */
  readonly issuer: string | null;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** What PRIVATE_KEY_JWT signs with. Absent: another method. */
  readonly assertionKey?: AssertionKey;
  /** Absent: every setting has its default. */
  readonly settings?: Partial<OAuthSettings>;
}

/**
 * Called for each request with its response, which `exchange` redacts when it is called. It must not throw,
 * and nothing waits for it.
 */
export type Observe = (exchange: () => FlowStep) => void;

/** The dependencies of this folder's requests. */
export interface OAuthContext {
  /** Sends a request, through the guard that decides where requests may go. Shaped like fetch. */
  readonly outbound: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  readonly now: () => Date;
  readonly observe?: Observe | undefined;
}

const clientMetadataPath = "/oauth/client-metadata";

/**
 * This installation's client ID at every authorization server that fetches such documents; null
 * if it has none, as those fetch over https, from the public internet.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-3
 */
export function clientIdMetadataUrl(publicUrl: string): string | null {
  const { protocol, hostname } = new URL(publicUrl);
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
  return protocol === "https:" && !isLoopback ? publicUrl + clientMetadataPath : null;
}

/** For a token or revocation request. A refresh's lease is three times as long. */
export const oauthOutboundLimits = {
  headersTimeoutMs: 20_000,
  totalTimeoutMs: 20_000,
  maxResponseBytes: 1024 * 1024,
};

/** What was sent: redacted by `read`, which costs as much as sending it. */
export interface ObservedSteps {
  readonly count: number;
  read(): FlowStep[];
}

/** The same context, recording everything sent from now on in `steps`. */
export function observed<Context extends { observe?: Observe | undefined }>(
  ctx: Context,
): { ctx: Context & { observe: Observe }; steps: ObservedSteps } {
  const exchanges: (() => FlowStep)[] = [];
  const observe: Observe = (exchange) => {
    if (exchanges.length < MOST_STEPS) exchanges.push(exchange);
  };
  const steps = {
    get count() {
      return exchanges.length;
    },
    read: () => exchanges.map((exchange) => exchange()),
  };
  // Not spread: a sweep creates thousands of these.
  return { ctx: Object.assign(Object.create(ctx) as Context, { observe }), steps };
}
