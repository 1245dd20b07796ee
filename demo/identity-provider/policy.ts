/** An authorization server that accepts this identity provider's ID-JAGs, as an admin registered it. */
export interface ConnectedServer {
  /** Its issuer: the `audience` of the exchange. */
  readonly issuer: string;
  /** Usher's client there, which differs from the one here. */
  readonly clientId: string;
  /** The MCP servers it issues tokens for. Called each time, as they may be registered later. */
  readonly resources: () => readonly string[];
  /** The most that an ID-JAG may contain, separated by spaces. */
  readonly scope: string;
}

/** The decisions of the identity provider's admins: who may use what. */
export class Policy {
  readonly #servers = new Map<string, ConnectedServer>();
  readonly #assigned = new Set<string>();

  connect(server: ConnectedServer): void {
    this.#servers.set(server.issuer, server);
  }

  server(issuer: string): ConnectedServer | undefined {
    return this.#servers.get(issuer);
  }

  assign(accountId: string, audience: string): void {
    this.#assigned.add(key(accountId, audience));
  }

  unassign(accountId: string, audience: string): void {
    this.#assigned.delete(key(accountId, audience));
  }

  isAssigned(accountId: string, audience: string): boolean {
    return this.#assigned.has(key(accountId, audience));
  }
}

function key(accountId: string, audience: string): string {
  return JSON.stringify([accountId, audience]);
}
