import type { AuthorizationServer } from "@/demo/authorization-server";
import { sharedOwnerKey } from "@/lib/contracts/connections/account";
import type { Owner } from "@/lib/db/stored-token-set";
import { createServer } from "@/lib/servers/save";
import { openTokens } from "@/lib/tokens/token-store";
import { publicUrl, startProvider } from "@/tests/support/installation";
import { ProviderClient } from "@/tests/support/provider-client";
import { oauthServerInput } from "@/tests/support/server-input";
import { consentTo } from "@/tests/trials/accounts";
import { countFigure, type Figure } from "./figures";
import { type BenchInstallation, sql } from "./installation";
import type { HerdOutcome } from "./processes/loop";

const redirectUri = `${publicUrl}/oauth/callback`;
const scope = "files:read files:write";
/** Whose consent every grant is. */
const person = "ada";

/** What an OAuth client has after a consent, whoever it is. */
export interface Grant {
  /** Of the MCP server, which is the resource. */
  url: string;
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  scope: string;
  tokens: { access_token: string; refresh_token: string; token_type: string; expires_in: number };
}

/** A process in which a peer calls, as its documentation says. */
export type PeerHerd = {
  /** Connects with this grant and its valid tokens. */
  begin(grant: Grant): Promise<void>;
  /** By its own clock the access token has expired, where it has one. */
  expire(): Promise<void>;
  call(herd: { callers: number }): Promise<HerdOutcome>;
  end(): Promise<void>;
};

/** The practice provider: a real one that rotates, and ends a grant whose refresh token comes twice. */
export class PracticeGrants {
  readonly provider: AuthorizationServer;

  private constructor(provider: AuthorizationServer) {
    this.provider = provider;
  }

  /** @param latencyMs of its token endpoint */
  static async start(resource: string, latencyMs: number): Promise<PracticeGrants> {
    const provider = await startProvider();
    provider.registerResource(resource, "Lean");
    provider.setTokenEndpointLatency(latencyMs);
    return new PracticeGrants(provider);
  }

  /** Who may ask the provider about tokens, as a header. */
  get introspection() {
    const { introspectionClient, introspectionEndpoint, issuer } = this.provider;
    const { clientId, clientSecret } = introspectionClient;
    return {
      issuer,
      endpoint: introspectionEndpoint,
      authorization: basic(clientId, clientSecret),
    };
  }

  get clientAuthorization(): string {
    return basic(this.provider.clientId, this.provider.clientSecret);
  }

  /** A consent by which the only grant comes about, as an OAuth client that is not Usher has it. */
  async grant(url: string): Promise<Grant> {
    await this.provider.revokeGrantsOf(person);
    const client = new ProviderClient(this.provider, { redirectUri });
    const tokens = await client.authorize({ person, scope, resource: url });
    this.provider.forgetRequests();
    const { issuer, authorizationEndpoint, tokenEndpoint, clientId, clientSecret } = this.provider;
    const ends = { issuer, authorizationEndpoint, tokenEndpoint };
    return {
      ...{ url, ...ends, clientId, clientSecret, redirectUri, scope },
      tokens: {
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token ?? "",
        token_type: tokens.token_type,
        expires_in: tokens.expires_in ?? 0,
      },
    };
  }

  /** An MCP server of this installation behind the provider, without an account yet. */
  async register({ app }: BenchInstallation, url: string): Promise<Owner> {
    const input = oauthServerInput(this.provider, { name: "Lean", url });
    return { serverId: await createServer(app, input), ownerKey: sharedOwnerKey };
  }

  /** A consent by which the only grant comes about, as Usher has it. */
  async grantToUsher({ app, admin }: BenchInstallation, owner: Owner, url: string): Promise<void> {
    await this.provider.revokeGrantsOf(person);
    await consentTo(app, admin, { owner, resource: url, provider: this.provider }, person);
    this.provider.forgetRequests();
  }

  get posts(): number {
    return this.provider.tokenRequests.refresh_token ?? 0;
  }

  get isAlive(): boolean {
    return this.provider.countGrantsOf(person) === 1;
  }

  async close(): Promise<void> {
    await this.provider.close();
  }
}

/** Its access token has expired by Usher's own clock. @returns the token */
export async function expire({ app, database }: BenchInstallation, owner: Owner): Promise<string> {
  const row = await app.db.storedTokenSet.findFirstOrThrow({ where: owner });
  await sql(
    database.url,
    `UPDATE "StoredTokenSet" SET "expiresAt" = now() - interval '1 minute' WHERE "id" = $1`,
    [row.id],
  );
  return openTokens(app.keyring, row).accessToken;
}

function basic(id: string, secret: string): string {
  return `Basic ${btoa(`${id}:${secret}`)}`;
}

/** One token request and no failure, at the worst of all herds. */
export function herdFigures(
  posts: { what: string; each: number[] },
  failed: { what: string; against: string; each: number[] },
): Figure[] {
  const figure = (what: string, against: string, each: number[], exactly: number) => {
    const worst = Math.max(...each);
    const detail = `${worst}, the most of ${each.length} herds`;
    return countFigure(what, against, worst, { bar: { exactly }, detail });
  };
  return [
    figure(posts.what, "the provider's count", posts.each, 1),
    figure(failed.what, failed.against, failed.each, 0),
  ];
}

/** A line of the comparison: what the provider counted and said of each herd. */
export function herdCells(
  name: string,
  herds: readonly { posts: number; served: number; alive: boolean }[],
): string[] {
  const alive = herds.filter((herd) => herd.alive).length;
  return [
    name,
    range(herds.map(({ posts }) => posts)),
    range(herds.map(({ served }) => served)),
    alive === herds.length ? "yes" : alive > 0 ? "at times" : "no",
  ];
}

export function range(values: number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${most}` : `${least}–${most}`;
}
