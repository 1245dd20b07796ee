import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a hanging network or machine looks like from outside. */
export type Silence =
  /** New connections are accepted, and nothing is passed on in either direction. */
  | "at_connect"
  /** What is sent arrives, and no response comes back. */
  | "before_the_answer"
  /** The first bytes of a response come back, and no more. */
  | "within_the_answer";

/** Sits between Usher and Postgres, and can go silent without closing a connection. */
export class SilentProxy {
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  #silence: Silence | null = null;

  private constructor(server: ReturnType<typeof createServer>, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(databaseUrl: string): Promise<SilentProxy> {
    const behind = new URL(databaseUrl);
    const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = new URL(databaseUrl);
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new SilentProxy(server, url.href);
    server.on("connection", (client) => proxy.#pass(client, behind));
    return proxy;
  }

  fallSilent(how: Silence): void {
    this.#silence = how;
  }

  /**
   * @param how `late`: what was held back is passed on now. `cut`: the old connections are closed, as when a
   *   database is replaced, and new ones work.
   */
  comeBack(how: "late" | "cut" = "late"): void {
    this.#silence = null;
    const held = this.#held.splice(0);
    if (how === "late") for (const pass of held) pass();
    else for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(client: Socket, behind: URL): void {
    const postgres = connect(Number(behind.port || 5432), behind.hostname);
    for (const socket of [client, postgres]) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    }
    const holds = (direction: "there" | "back") =>
      this.#silence === "at_connect" || (this.#silence !== null && direction === "back");
    let begun = false;
    client.on("data", (bytes) => {
      begun = false;
      const pass = () => postgres.write(bytes);
      if (holds("there")) this.#held.push(pass);
      else pass();
    });
    postgres.on("data", (bytes) => {
      if (!holds("back")) return client.write(bytes);
      const few = this.#silence === "within_the_answer" && !begun ? 7 : 0;
      begun = true;
      client.write(bytes.subarray(0, few));
      return this.#held.push(() => client.write(bytes.subarray(few)));
    });
    client.on("close", () => postgres.destroy());
    postgres.on("close", () => client.destroy());
    client.on("end", () => postgres.end());
    postgres.on("end", () => client.end());
  }
}
