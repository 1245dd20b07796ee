import { setTimeout as delay } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import type { ClientConnection } from "@/scripts/embedded-database/client-connection";
import { shortOfRoom } from "@/scripts/embedded-database/disk-room";
import { SessionTurns } from "@/scripts/embedded-database/session-turns";

export interface OpenDatabase {
  database: PGlite;
  /** For its only session. */
  turns: SessionTurns<ClientConnection>;
}

/** How long a client waits for a database that is not open, and between two attempts to open it, in ms. */
const patience = 5_000;
const betweenTries = 2_000;

/**
 * A folder's database across its failures: a full disk ends it for good, and a new one is opened on
 * the same data as soon as there is room. What was committed is restored.
 */
export class LiveDatabase {
  readonly #folder: string | undefined;
  #opening: Promise<OpenDatabase> | null = null;
  #open: OpenDatabase | null = null;
  #closed = false;
  /** Why it is not open, in words for a client. */
  trouble = "The database is starting.";
  /** Called with the reason, for a client. */
  onDeath: (why: string) => void = () => undefined;

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** @throws what PGlite throws */
  async open(): Promise<void> {
    this.#opening = this.#create();
    await this.#opening;
  }

  /** Null: it is not open, and was not within a few seconds. */
  async whenOpen(): Promise<OpenDatabase | null> {
    if (this.#open) return this.#open;
    const opened = this.#opening?.catch(() => null) ?? null;
    return Promise.race([opened, delay(patience, null, { ref: false })]);
  }

  /** It no longer answers anyone. The dead one is left alone: closing it would write to the data. */
  died(database: PGlite, reason: string): void {
    if (this.#open?.database !== database || this.#closed) return;
    this.#open = null;
    this.trouble = `The embedded database stopped: ${reason}`;
    console.error(`${this.trouble}\nConnections are closed. The database reopens automatically.`);
    this.onDeath(this.trouble);
    this.#opening = this.#reopen();
    this.#opening.catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#open?.database.close();
  }

  async #create(): Promise<OpenDatabase> {
    const database = await PGlite.create(this.#folder ? { dataDir: this.#folder } : {});
    this.#open = { database, turns: new SessionTurns<ClientConnection>() };
    return this.#open;
  }

  async #reopen(): Promise<OpenDatabase> {
    let said = "";
    for (;;) {
      if (this.#closed) throw new Error("The database was closed.");
      const short = await shortOfRoom(this.#folder);
      const problem = short ?? (await this.#tryCreate());
      if (problem === null && this.#open) {
        console.error("The embedded database is open again.");
        return this.#open;
      }
      this.trouble = `${problem} Free some space; the database reopens automatically.`;
      if (said !== this.trouble) console.error(this.trouble);
      said = this.trouble;
      await delay(betweenTries);
    }
  }

  async #tryCreate(): Promise<string | null> {
    try {
      await this.#create();
      return null;
    } catch (error) {
      return `The embedded database cannot be opened: ${String(error)}`;
    }
  }
}
