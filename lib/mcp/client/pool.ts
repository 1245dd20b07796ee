import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { TryLaterError } from "@/lib/errors";
import type { Connection } from "@/lib/mcp/client/connect";
import type { McpTarget } from "@/lib/mcp/target";

type PoolOptions = {
  /** Opens a connection; rejects with the error for the callers. */
  open: (target: McpTarget, signal: AbortSignal) => Promise<Connection>;
  now: () => Date;
  /** How long an unused connection is kept, in ms. */
  idleMs: number;
  /** The most connections, used or idle. */
  maxConnections: number;
};

/** Must be released exactly once. */
export type Lease = { readonly connection: Connection; release(): void };

/**
 * Keeps connections for reuse. A key contains everything that makes two callers the same: server, its
 * version, endpoint with all secrets, and owner; so no connection, and no session behind it, is ever
 * lent to another owner.
 */
export class ConnectionPool {
  readonly #options: PoolOptions;
  /** For new callers, least recently used first. */
  readonly #kept = new Map<string, KeptConnection>();
  /** Including retired ones that are not closed yet. */
  readonly #all = new Set<KeptConnection>();
  readonly #shutdown = new AbortController();
  /** By endpoint: a server's is opened once for some seconds of calls. */
  readonly #digests = new WeakMap<McpTarget["endpoint"], string>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    // Any number of connections may open at once; each removes its listener when it is open.
    setMaxListeners(0, this.#shutdown.signal);
  }

  /**
   * A kept connection, or a new one; callers that arrive while it opens wait for the same one.
   *
   * @throws TryLaterError every connection is in use, or Usher is shutting down
   */
  async acquire(target: McpTarget): Promise<Lease> {
    this.#shutdown.signal.throwIfAborted();
    const key = this.#keyOf(target);
    const kept = this.#kept.get(key) ?? this.#add(key, target);
    kept.users++;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    try {
      const connection = await kept.opening;
      return { connection, release: () => kept.release(this.#options.now()) };
    } catch (error) {
      kept.release(this.#options.now());
      throw error;
    }
  }

  /** The server has forgotten this session: it is not reused. */
  discard(connection: Connection): void {
    for (const kept of this.#kept.values()) {
      if (kept.is(connection)) kept.retire("gone");
    }
  }

  /**
   * Drops a server's connections, or one owner's. Running calls finish first.
   *
   * @returns resolves when the unused ones are closed: a program may allow only one instance of itself
   */
  async drop(serverId: string, ownerKey?: string): Promise<void> {
    const closing = [...this.#all].map((kept) => {
      if (kept.target.serverId !== serverId) return undefined;
      if (ownerKey !== undefined && kept.target.ownerKey !== ownerKey) return undefined;
      kept.retire("dropped");
      return kept.closing;
    });
    await Promise.all(closing);
  }

  /** Ends everything, including running calls; resolves when sessions and processes are gone. */
  async close(): Promise<void> {
    this.#shutdown.abort(
      new TryLaterError("Usher is shutting down. Try again in a moment.", { retryAfterMs: 5_000 }),
    );
    clearInterval(this.#sweep);
    await Promise.all([...this.#all].map((kept) => kept.close()));
  }

  #add(key: string, target: McpTarget): KeptConnection {
    this.#retireOlderVersions(target);
    this.#makeRoom();
    const kept: KeptConnection = new KeptConnection(
      target,
      this.#options.open(target, this.#shutdown.signal),
      {
        onRetired: () => {
          if (this.#kept.get(key) === kept) this.#kept.delete(key);
        },
        onClosed: () => this.#all.delete(kept),
      },
    );
    this.#kept.set(key, kept);
    this.#all.add(kept);
    this.#startSweep();
    return kept;
  }

  #retireOlderVersions({ serverId, ownerKey, version }: McpTarget): void {
    for (const kept of this.#kept.values()) {
      const { target } = kept;
      const same = target.serverId === serverId && target.ownerKey === ownerKey;
      if (same && target.version < version) kept.retire("dropped");
    }
  }

  #makeRoom(): void {
    if (this.#kept.size < this.#options.maxConnections) return;
    for (const kept of this.#kept.values()) {
      if (kept.users > 0) continue;
      kept.retire("unused");
      return;
    }
    throw new TryLaterError("Too many connections to MCP servers are in use. Try again shortly.", {
      retryAfterMs: 1_000,
    });
  }

  #startSweep(): void {
    if (this.#sweep !== undefined) return;
    const everyMs = Math.min(this.#options.idleMs / 2, 30_000);
    this.#sweep = setInterval(() => this.#closeIdle(), everyMs).unref();
  }

  #closeIdle(): void {
    const unusedSince = this.#options.now().getTime() - this.#options.idleMs;
    for (const kept of this.#kept.values()) {
      if (kept.users === 0 && kept.lastUsedAt <= unusedSince) kept.retire("unused");
    }
    if (this.#kept.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #keyOf({ serverId, ownerKey, version, bearer, endpoint }: McpTarget): string {
    let digest = this.#digests.get(endpoint);
    if (digest === undefined) {
      // So that headers and variables are not in memory as a key for longer than the connection.
      digest = createHash("sha256").update(JSON.stringify(endpoint)).digest("base64");
      this.#digests.set(endpoint, digest);
    }
    return JSON.stringify([serverId, ownerKey, version, bearer !== null, digest]);
  }
}

/**
 * Why new callers no longer get a connection. `unused`: it was not needed. `dropped`: what it was
 * opened with is no longer valid. `gone`: it broke, or the server has forgotten it.
 */
type Retirement = "unused" | "dropped" | "gone";

/** A connection's state and users, from opening to closing. */
class KeptConnection {
  readonly target: Pick<McpTarget, "serverId" | "ownerKey" | "version">;
  readonly opening: Promise<Connection>;
  users = 0;
  lastUsedAt = 0;
  #connection: Connection | null = null;
  #retired: Retirement | null = null;
  #closing: Promise<void> | null = null;
  readonly #onRetired: () => void;
  readonly #onClosed: () => void;

  constructor(
    target: McpTarget,
    opening: Promise<Connection>,
    events: { onRetired: () => void; onClosed: () => void },
  ) {
    const { serverId, ownerKey, version } = target;
    this.target = { serverId, ownerKey, version };
    this.opening = opening;
    this.#onRetired = events.onRetired;
    this.#onClosed = events.onClosed;
    opening.then(
      (connection) => this.#opened(connection),
      () => {
        this.retire("gone");
        this.#onClosed();
      },
    );
  }

  /** Null while it is in use. */
  get closing(): Promise<void> | null {
    return this.#closing;
  }

  is(connection: Connection): boolean {
    return this.#connection === connection;
  }

  /** Retires it: it closes when its last user is done. */
  retire(reason: Retirement): void {
    if (this.#retired === null) {
      this.#retired = reason;
      this.#onRetired();
    } else if (reason === "dropped") {
      this.#retired = reason;
    }
    if (this.#retired === "dropped") this.#connection?.cutOff();
    this.#closeWhenDone();
  }

  release(at: Date): void {
    this.users--;
    this.lastUsedAt = at.getTime();
    this.#closeWhenDone();
  }

  /** Closes it even though it is in use. */
  async close(): Promise<void> {
    this.retire("unused");
    this.users = 0;
    await this.opening.catch(() => {});
    this.#closeWhenDone();
    await this.#closing;
  }

  #opened(connection: Connection): void {
    this.#connection = connection;
    if (this.#retired === "dropped") connection.cutOff();
    connection.onClose(() => this.retire("gone"));
    if (connection.closed) this.retire("gone");
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    const connection = this.#connection;
    if (this.#retired === null || this.users > 0 || !connection || this.#closing) return;
    this.#closing = connection
      .close(this.#retired === "unused")
      .catch(() => {})
      .then(() => this.#onClosed());
  }
}
