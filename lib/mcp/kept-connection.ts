import type { Connection } from "./connection";
import type { McpTarget } from "./target";

/**
 * Why nobody new gets a connection any more. `unused`: nobody wanted it. `dropped`: what it was
 * opened with no longer holds. `gone`: it broke, or the server has forgotten it.
 */
export type Retirement = "unused" | "dropped" | "gone";

/** One connection, from before it is open until after it is closed, and who uses it. */
export class KeptConnection {
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

  is(connection: Connection): boolean {
    return this.#connection === connection;
  }

  /** Takes it out of use; it closes when the last who has it is done. */
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

  /** Closes it under whoever has it. */
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
