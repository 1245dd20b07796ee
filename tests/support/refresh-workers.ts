import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { bundledFile } from "./bundled-file";
import type { RefreshWorkerCommands, RefreshWorkerOptions } from "./refresh-worker";

export interface WorkerProcess {
  /** Gives it `--expose-gc`, for `memoryOfCalls`. */
  exposeGc?: boolean;
  /** A file of certificates that it trusts in addition to the usual ones. */
  trusting?: string;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** A replica in a separate process. It ends with this one, however this one ends. */
export class RefreshWorker {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { resolve(value: unknown): void; reject(error: Error): void }
  >();
  #asked = 0;
  /** Resolves to the moment at which the process was gone. */
  readonly exited: Promise<number>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = once(child, "exit").then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error("The worker is gone."));
      return Date.now();
    });
    child.on("message", ({ id, result, error }: Answer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    });
  }

  static async start(
    options: RefreshWorkerOptions,
    how: WorkerProcess = {},
  ): Promise<RefreshWorker> {
    const child = fork(bundledFile("refresh-worker"), [JSON.stringify(options)], {
      execArgv: ["--enable-source-maps", ...(how.exposeGc ? ["--expose-gc"] : [])],
      env: {
        NODE_ENV: process.env.NODE_ENV,
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_EXTRA_CA_CERTS: how.trusting,
      },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const worker = new RefreshWorker(child);
    const ended = worker.exited.then(() => {
      throw new Error("The worker ended before it was ready.");
    });
    await Promise.race([once(child, "message"), ended]);
    return worker;
  }

  /** @throws what the command threw, as an Error; also if the process ends in the meantime. */
  run<Name extends keyof RefreshWorkerCommands>(
    name: Name,
    argument: Parameters<RefreshWorkerCommands[Name]>[0],
  ): Promise<Awaited<ReturnType<RefreshWorkerCommands[Name]>>> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ id, name, argument }, (error) => {
        if (error) reject(error);
      });
    });
  }

  /** After SIGSTOP. */
  wake(): void {
    this.#child.kill("SIGCONT");
  }

  /** Nothing in it continues until `wake`, as in a function that a platform has frozen. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  /** With SIGKILL, which it cannot handle. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }
}
