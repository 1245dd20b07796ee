import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client";
import { breakOff, isFromPostgres, Outage, sendCancel, whileAwake } from "./outage";
import { KeyReader, PreparedStatements } from "./read-by-key";

/** Prisma, and alongside it what runs at every call or refresh, where Prisma costs several times the statement. */
export type Database = PrismaClient & {
  readonly $byKey: KeyReader;
  readonly $prepared: PreparedStatements;
  readonly $statement: RunStatement;
  /** Whether nothing answers at the database's address. Then every statement fails at once. */
  readonly $isAway: () => boolean;
  readonly $connections: () => { used: number; idle: number; waiting: number };
  /** In words, the API key of the current request. Each event of the audit names it. */
  readonly $apiKey: () => string | null;
  /** Events were written that webhooks must receive once their transaction has ended. */
  readonly $published: () => void;
  /** Tokens of a sign-in were deleted: the identity provider can be notified. */
  readonly $signInEnded: () => void;
  /** Statements in `work` may take this many ms, instead of the few seconds for which a person waits. */
  readonly $within: <T>(ms: number, work: () => Promise<T>) => Promise<T>;
};
/** Sends one statement as it is, planned each time (see `PreparedStatements`). `count`: the affected rows. */
type RunStatement = <Row extends object>(
  text: string,
  values: readonly unknown[],
) => Promise<{ rows: Row[]; count: number }>;
/** Inside `db.$transaction(async (tx) => …)`. */
export type DatabaseTransaction = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/** In ms. Prisma's own 5 seconds are too short for a queue of saves on a small machine or on the embedded database. */
const transactionMs = 20_000;

/** In ms, for one statement: a person waits for it. `$within` allows longer. */
const statementMs = 3_500;
/** Until a working database has reported that a statement is cancelled. */
const cancelMs = 1_000;
const connectMs = 3_000;
/** How long to wait for a free connection, while the database answers on the others; as long as a slow statement. */
const placeMs = (slowestMs = 0) => Math.max(10_000, slowestMs);

interface DatabaseOptions {
  /** At most this many to Postgres, for this process. */
  connections: number;
  /** How long one statement may take, in ms. Scripts, with no one waiting at a page, allow more. */
  statementMs?: number;
  /** How long a new connection may take, in ms. Unless given, at least as long as a statement: the embedded database serves one session at a time. */
  connectMs?: number;
  apiKey?: () => string | null;
  published?: () => void;
  signInEnded?: () => void;
}

export function createDatabase(url: string, options: DatabaseOptions): Database {
  const pool = new BoundedPool(url, options);
  const $statement: RunStatement = async <Row extends object>(
    text: string,
    values: readonly unknown[],
  ) => {
    const { rows, rowCount } = await pool.query<Row>(text, [...values]);
    return { rows, count: rowCount ?? 0 };
  };
  const prepared = new PreparedStatements(pool);
  // Longer than the wait for a connection, whose error says more.
  const maxWait = placeMs(options.statementMs) + 2_000;
  const transactionOptions = { maxWait, timeout: transactionMs };
  const beside = {
    $byKey: new KeyReader(prepared),
    ...{ $prepared: prepared, $statement },
    $isAway: () => pool.outage.isOn,
    $apiKey: options.apiKey ?? (() => null),
    $published: options.published ?? (() => {}),
    $signInEnded: options.signInEnded ?? (() => {}),
    $connections: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    $within: <T>(ms: number, work: () => Promise<T>) => pool.limitMs.run(ms, work),
  };
  return whenAsked(
    () => new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions }),
    beside,
    () => pool.end().finally(() => pool.limitMs.disable()),
  );
}

/** Prisma loads its query compiler when it is created: a tenth of a start, not needed by the first responses. */
function whenAsked<Beside extends object>(
  make: () => PrismaClient,
  beside: Beside,
  end: () => Promise<void>,
): PrismaClient & Beside {
  let made: PrismaClient | null = null;
  let ended: Promise<void> | null = null;
  const $disconnect = () => {
    ended ??= Promise.resolve(made?.$disconnect()).then(end);
    return ended;
  };
  return new Proxy({ ...beside, $disconnect } as unknown as PrismaClient & Beside, {
    get(own, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      // `await` looks for `then` on any object; the Prisma client is not a promise.
      if (name === "then") return undefined;
      made ??= make();
      const value: unknown = Reflect.get(made, name);
      return typeof value === "function" ? value.bind(made) : value;
    },
  });
}

type Send = (...given: unknown[]) => Promise<unknown>;

class BoundedPool extends pg.Pool {
  readonly outage = new Outage(this);
  readonly limitMs = new AsyncLocalStorage<number>();
  readonly #born = new WeakMap<object, number>();
  readonly statementMs: number;

  constructor(url: string, options: DatabaseOptions) {
    const config: BoundedConfig = {
      connectionString: url,
      max: options.connections,
      connectMs: options.connectMs ?? Math.max(options.statementMs ?? 0, connectMs),
      connectionTimeoutMillis: placeMs(options.statementMs),
      keepAlive: true,
      Client: BoundedClient,
    };
    super(config);
    this.statementMs = options.statementMs ?? statementMs;
    this.query = ((...given: unknown[]) => this.#query(given)) as pg.Pool["query"];
    // A broken idle connection is replaced; without a listener its error would end the process.
    this.on("error", () => {});
    this.on("connect", (client) => {
      this.#born.set(client, performance.now());
      (client as unknown as BoundedClient).pool = this;
    });
  }

  async #query(given: unknown[]): Promise<unknown> {
    // Not pg's way, which sends in the context of the previous user of the connection.
    const client = await this.connect();
    try {
      const result = await (client.query as Send)(...given);
      client.release();
      return result;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: never): void;
  override async connect(): Promise<pg.PoolClient> {
    for (;;) {
      const { isOn, begunAt } = this.outage;
      if (isOn) throw this.outage.error();
      const client = await (this.idleCount > this.waitingCount
        ? super.connect()
        : this.#waitForOne());
      if ((this.#born.get(client) ?? 0) >= begunAt) return client;
      // From before an outage: there may be nothing at its other end.
      breakOff(client);
      client.release(true);
    }
  }

  async #waitForOne(): Promise<pg.PoolClient> {
    const startedAt = performance.now();
    const { waiting } = this.outage;
    const connecting = super.connect();
    let giveUp: (error: Error) => void = () => {};
    const outage = new Promise<never>((_, reject) => {
      giveUp = reject;
      waiting.add(reject);
    });
    try {
      return await Promise.race([connecting, outage]);
    } catch (error) {
      connecting.then(
        (late) => late.release(),
        () => {},
      );
      const isQueue = (error as Error).message === "timeout exceeded when trying to connect";
      throw isQueue || isFromPostgres(error) ? error : this.outage.noticed(startedAt, error);
    } finally {
      waiting.delete(giveUp);
    }
  }
}

type BoundedConfig = pg.PoolConfig & { connectMs: number };

/**
 * A statement that takes too long is cancelled, and if even that gets no answer the connection is dropped. A session limit
 * (`statement_timeout`) would not work behind a pooler.
 */
class BoundedClient extends pg.Client {
  pool: BoundedPool | null = null;

  constructor(config?: unknown) {
    const { connectMs, ...ofPool } = config as BoundedConfig;
    super({ ...ofPool, connectionTimeoutMillis: 0 });
    const stopWaiting = whileAwake(connectMs, () => breakOff(this));
    for (const event of ["connect", "end"]) this.once(event, stopWaiting);
    this.on("error", () => {}); // Its statement or the pool notices that it broke.
    const send = super.query.bind(this) as Send;
    this.query = ((...given: unknown[]) => this.#bounded(send(...given))) as pg.Client["query"];
  }

  /** What reads dates expects ISO, and a role or a database may have another style. Poolers know this parameter. */
  getStartupConf(): object {
    const inherited = pg.Client.prototype as unknown as { getStartupConf(): object };
    return { ...inherited.getStartupConf.call(this), DateStyle: "ISO" };
  }

  async #bounded(answer: Promise<unknown>): Promise<unknown> {
    const { pool } = this;
    if (!pool) return answer;
    const startedAt = performance.now();
    let stopWaiting = whileAwake(pool.limitMs.getStore() ?? pool.statementMs, () => {
      stopWaiting = whileAwake(cancelMs, () => breakOff(this));
      sendCancel(this);
    });
    try {
      const result = await answer;
      pool.outage.answeredAt = performance.now();
      return result;
    } catch (error) {
      if (!isFromPostgres(error)) throw pool.outage.noticed(startedAt, error);
      pool.outage.answeredAt = performance.now();
      throw error;
    } finally {
      stopWaiting();
    }
  }
}
