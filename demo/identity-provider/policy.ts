/** An authorization server that accepts this identity provider's ID-JAGs, as an admin registered it. */
export interface ConnectedServer {
  /** Its issuer: the `audience` of the exchange. */
  readonly issuer: string;
  /** Usher's client there, which is another one than here. */
  readonly clientId: string;
  /** The MCP servers it issues tokens for. Asked each time, as they may be registered later. */
  readonly resources: () => readonly string[];
  /** What an ID-JAG may hold at most, separated by spaces. */
  readonly scope: string;
}

/** What the admins of the identity provider decide: who may use what. */
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
