import { timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import type { PGlite } from "@electric-sql/pglite";
import { BackendAnswer } from "@/scripts/embedded-database/backend-answer";
import { fatalError, passwordRequest } from "@/scripts/embedded-database/backend-messages";
import {
  type FrontendMessage,
  FrontendMessages,
  scopeStatementName,
} from "@/scripts/embedded-database/frontend-messages";
import type { SessionTurns } from "@/scripts/embedded-database/session-turns";

/** A client that leaves a transaction open blocks all others; it is disconnected after this long, in ms. */
const idleInTransactionLimit = 30_000;

const sync = Buffer.from([0x53, 0, 0, 0, 4]);

/**
 * One client of PGlite's only session. What belongs together, an extended query up to
 * its Sync and a transaction up to its end, runs without another client's messages in between.
 */
export class ClientConnection {
  static #count = 0;

  readonly #socket: Socket;
  readonly #database: PGlite;
  readonly #turns: SessionTurns<ClientConnection>;
  readonly #password: Buffer;
  readonly #onDeath: (reason: string) => void;
  /** The database is gone: it receives nothing more. */
  #isOver = false;
  readonly #incoming = new FrontendMessages();
  readonly #statementPrefix = `client${++ClientConnection.#count}_`;
  readonly #statementNames = new Set<string>();
  /** What the client started with, kept until its password is right; null: it has not started, or is in. */
  #startup: Buffer | null = null;
  #admitted = false;
  #batch: Buffer[] = [];
  #work: Promise<void> = Promise.resolve();
  #idleTimer: NodeJS.Timeout | undefined;

  /** @param onDeath called when the database no longer answers anyone, with the reason */
  constructor(
    socket: Socket,
    database: PGlite,
    turns: SessionTurns<ClientConnection>,
    { password, onDeath }: { password: string; onDeath: (reason: string) => void },
  ) {
    this.#onDeath = onDeath;
    this.#socket = socket;
    this.#password = Buffer.from(`${password}\0`);
    this.#database = database;
    this.#turns = turns;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("close", () => this.#enqueue(() => this.#leave()));
  }

  /** Closes the socket; settles once the session is free of this client. */
  async close(): Promise<void> {
    this.#socket.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    await this.#work;
  }

  /** The database is gone. Tells the client why, and disconnects it. */
  end(why: Buffer): void {
    this.#isOver = true;
    clearTimeout(this.#idleTimer);
    if (!this.#socket.destroyed) this.#socket.end(why);
  }

  #receive(bytes: Buffer): void {
    try {
      for (const message of this.#incoming.push(bytes)) this.#handle(message);
    } catch {
      this.#socket.destroy();
    }
  }

  #handle(message: FrontendMessage): void {
    switch (message.type) {
      case "encryption-request":
        this.#socket.write("N");
        return;
      case "cancel-request":
      case "X":
        this.#socket.end();
        return;
      case "startup":
        this.#startup = Buffer.from(message.bytes);
        this.#socket.write(passwordRequest);
        return;
      default:
        if (this.#admitted) this.#collect(message);
        else this.#admit(message);
    }
  }

  #admit({ type, bytes }: FrontendMessage): void {
    const startup = this.#startup;
    const said = bytes.subarray(5);
    const right =
      type === "p" &&
      said.length === this.#password.length &&
      timingSafeEqual(said, this.#password);
    if (!right || !startup) {
      this.#socket.end(
        fatalError(
          "28P01",
          'The password is wrong or missing. Set DATABASE_URL to the address that "npm run db:serve" prints.',
        ),
      );
      return;
    }
    this.#admitted = true;
    this.#startup = null;
    this.#enqueue(() => this.#run(startup, "finished"));
  }

  /** Sync, Query and FunctionCall end a batch; Flush requires an answer before its Sync comes. */
  #collect(message: FrontendMessage): void {
    const bytes = scopeStatementName(message, this.#statementPrefix);
    if (message.type === "P" && bytes !== message.bytes) {
      this.#statementNames.add(bytes.toString("utf8", 5, bytes.indexOf(0, 5)));
    }
    this.#batch.push(bytes);
    if (!"SQFHp".includes(message.type)) return;
    const batch = Buffer.concat(this.#batch);
    this.#batch = [];
    this.#enqueue(() => this.#run(batch, message.type === "H" ? "unfinished" : "finished"));
  }

  #enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch(() => {
      this.#socket.destroy();
    });
  }

  async #run(batch: Buffer, state: "finished" | "unfinished"): Promise<void> {
    await this.#turns.take(this);
    clearTimeout(this.#idleTimer);
    if (this.#socket.destroyed || this.#isOver) return;
    const answer = new BackendAnswer();
    let thrown: unknown = null;
    await this.#execute(batch, (bytes) => {
      // PGlite reuses the memory of its answer.
      const copy = Buffer.from(bytes);
      answer.push(copy);
      if (!this.#isOver) this.#socket.write(copy);
    }).catch((error: unknown) => {
      thrown = error;
    });
    const dead = thrown !== null || answer.fatal !== null;
    if (dead || (state === "finished" && !answer.isComplete)) {
      this.#onDeath(answer.fatal ?? (thrown === null ? "It does not answer." : String(thrown)));
      return;
    }
    if (state === "finished" && !this.#database.isInTransaction()) this.#turns.release(this);
    else this.#idleTimer = setTimeout(() => this.#socket.destroy(), idleInTransactionLimit);
  }

  async #leave(): Promise<void> {
    clearTimeout(this.#idleTimer);
    if (this.#isOver) return;
    if (this.#turns.isHeldBy(this)) {
      await this.#execute(sync, () => undefined);
      if (this.#database.isInTransaction()) await this.#database.exec("ROLLBACK");
      this.#turns.release(this);
    }
    if (this.#statementNames.size === 0) return;
    await this.#turns.take(this);
    const closing = [...this.#statementNames].map(closeStatement);
    await this.#execute(Buffer.concat([...closing, sync]), () => undefined);
    this.#turns.release(this);
  }

  async #execute(batch: Buffer, onRawData: (answer: Uint8Array) => void): Promise<void> {
    await this.#database.runExclusive(() =>
      this.#database.execProtocolRawStream(batch, { onRawData }),
    );
  }
}

function closeStatement(name: string): Buffer {
  const body = Buffer.from(`S${name}\0`);
  const header = Buffer.from([0x43, 0, 0, 0, 0]);
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}
