import pg from "pg";

/** How often an unresponsive database is probed, and how long it may take to answer, in ms. */
const probe = { everyMs: 500, forMs: 2_000 };
/** How long a cancel request may take, in ms. */
const cancelMs = 1_000;

/** The database does not answer. As with any broken connection, it is unknown whether a statement ran. */
class DatabaseAwayError extends Error {
  override readonly name = "DatabaseAwayError";
  /** SQLSTATE `connection_failure`. */
  readonly code = "08006";

  constructor(cause?: unknown) {
    super("The database does not answer.", { cause });
  }
}

/**
 * Starts when a statement or a new connection got no answer and nothing else did since; then anyone who
 * needs the database is told at once. Ends when a probe is answered.
 */
export class Outage {
  isOn = false;
  begunAt = Number.NEGATIVE_INFINITY;
  /** When the database last answered, whatever it said. */
  answeredAt = Number.NEGATIVE_INFINITY;
  /** Called when an outage starts. */
  readonly waiting = new Set<(error: Error) => void>();
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  error(): Error {
    return new DatabaseAwayError();
  }

  /** @param since when the unanswered request was sent */
  noticed(since: number, cause: unknown): Error {
    const error = cause instanceof DatabaseAwayError ? cause : new DatabaseAwayError(cause);
    if (this.answeredAt < since && !this.isOn && !this.#pool.ending) {
      this.isOn = true;
      this.begunAt = performance.now();
      for (const tell of this.waiting) tell(error);
      void this.#probe();
    }
    return error;
  }

  async #probe(): Promise<void> {
    const client = new pg.Client({
      ...this.#pool.options,
      connectionTimeoutMillis: probe.forMs,
    });
    client.on("error", () => {});
    const over = setTimeout(() => breakOff(client), probe.forMs);
    let answered = false;
    try {
      await client.connect();
      await client.query("SELECT 1");
      answered = true;
    } catch (error) {
      // A refusal is an answer: the next caller is told why. Except "the database system is starting up".
      answered = isFromPostgres(error) && !/^57P/.test(error.code ?? "");
    } finally {
      clearTimeout(over);
      client.end().catch(() => {});
    }
    if (answered || this.#pool.ending) this.isOn = false;
    else setTimeout(() => this.#probe(), probe.everyMs).unref();
  }
}

/** Errors of pg itself and of the network are not. */
export function isFromPostgres(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError;
}

/** What pg's types leave out. */
interface Wire {
  processID: number;
  secretKey: number;
  connection: {
    stream: { destroy(): void };
    on(event: "connect" | "sslconnect" | "error", listener: () => void): void;
    connect(portOrPath: number | string, host?: string): void;
    requestSsl(): void;
    cancel(processId: number, secretKey: number): void;
  };
}

/** Without a graceful close, which would wait for an answer. */
export function breakOff(client: object): void {
  (client as Wire).connection.stream.destroy();
}

/**
 * Asks Postgres to cancel what it does for this client, over a separate connection.
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function sendCancel(client: pg.Client): void {
  const { processID, secretKey } = client as unknown as Wire;
  const { host, port, ssl } = client;
  const messenger = new pg.Client({ host, port, ssl });
  const { connection } = messenger as unknown as Wire;
  // The receiver closes the connection. A graceful close after it would end PgBouncer 1.18.
  const cancel = () => connection.cancel(processID, secretKey);
  connection.on("error", () => {});
  connection.on("connect", () => (ssl ? connection.requestSsl() : cancel()));
  connection.on("sslconnect", cancel);
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
  setTimeout(() => breakOff(messenger), cancelMs);
}

/** Of a time limit. */
const checks = 10;

/**
 * Calls `over` after a time in which this process could have read an answer: a busy one runs due timers before it reads what has
 * arrived. @returns ends the wait
 */
export function whileAwake(ms: number, over: () => void): () => void {
  let left = checks;
  let timer = setTimeout(function check() {
    left -= 1;
    if (left === 0) over();
    else timer = setTimeout(check, ms / checks);
  }, ms / checks);
  return () => clearTimeout(timer);
}
