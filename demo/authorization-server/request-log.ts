import { createHash } from "node:crypto";

/** One request that the practice provider saw. Contains no secret: secrets appear only as hashes. */
export interface SeenRequest {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  /** How the client authenticated at the token, revocation or introspection endpoint. */
  readonly clientAuthentication: "basic" | "post" | "none";
  /** Query or form parameters; the value of a secret one is `sha256:` and the start of its hash. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Set once the response was sent; null if the connection was cut instead. */
  status: number | null;
}

/** A demo may run for days: beyond this many, the oldest requests are forgotten. */
export const REQUESTS_KEPT = 50_000;

const SECRET_PARAMETERS = new Set([
  "client_secret",
  "code",
  "code_verifier",
  "refresh_token",
  "access_token",
  "token",
  "assertion",
  "client_assertion",
  "subject_token",
  "state",
]);

/** Enough of a SHA-256 to distinguish two secrets. */
export function fingerprint(secret: string): string {
  return `sha256:${createHash("sha256").update(secret).digest("hex").slice(0, 16)}`;
}

export function seenRequest(request: {
  method: string;
  path: string;
  authorization: string | undefined;
  parameters: URLSearchParams;
}): SeenRequest {
  const { method, path, authorization, parameters } = request;
  return {
    at: new Date(),
    method,
    path,
    clientAuthentication: authorization?.toLowerCase().startsWith("basic ")
      ? "basic"
      : parameters.has("client_secret")
        ? "post"
        : "none",
    parameters: Object.fromEntries(
      [...parameters].map(([name, value]) => [
        name,
        SECRET_PARAMETERS.has(name) ? fingerprint(value) : value,
      ]),
    ),
    status: null,
  };
}

/** What a practice provider saw, for tests. */
export class RequestCounts {
  /** In order of arrival; the oldest are forgotten beyond {@link REQUESTS_KEPT}. */
  readonly requests: SeenRequest[] = [];
  /** At the token endpoint by `grant_type`, counted on arrival, including failed ones. */
  readonly tokenRequests: Record<string, number> = {};

  add(request: SeenRequest): void {
    if (this.requests.push(request) > REQUESTS_KEPT) this.requests.shift();
    const { grant_type } = request.parameters;
    if (request.path !== "/token" || grant_type === undefined) return;
    this.tokenRequests[grant_type] = (this.tokenRequests[grant_type] ?? 0) + 1;
  }

  forget(): void {
    this.requests.length = 0;
    for (const grantType of Object.keys(this.tokenRequests)) delete this.tokenRequests[grantType];
  }
}
