import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a process of the benchmark can be asked to do by the one that drives it. */
// biome-ignore lint/suspicious/noExplicitAny: each command takes a different type of argument
export type Commands = Record<string, (argument: any) => Promise<unknown>>;

interface Question {
  id: number;
  name: string;
  argument: unknown;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** Answers questions in a process of the benchmark until the driving process is gone. */
export function serve(commands: Commands): void {
  process.on("message", async ({ id, name, argument }: Question) => {
    try {
      const command = commands[name];
      if (!command) throw new Error(`There is no command ${name}.`);
      process.send?.({ id, result: await command(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? "") : String(error) });
    }
  });
  process.once("disconnect", () => process.exit());
  process.send?.({ ready: true });
}

/** A process of the benchmark. It ends with this one, however this one ends. */
export class Child<Known extends Commands> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.once("exit", (code) => {
      const error = `A process of the benchmark ended (${code}).`;
      for (const [id, settle] of this.#waiting) settle({ id, error });
    });
  }

  /** @param quiet throws its output away: a line for each failure would cost it time */
  static async start<Known extends Commands>(
    file: string,
    options: unknown = {},
    quiet = false,
  ): Promise<Child<Known>> {
    const profile = process.env.BENCH_CPU_PROFILE;
    const output = quiet ? "ignore" : "inherit";
    const child = fork(file, [JSON.stringify(options)], {
      execArgv: ["--expose-gc", ...(profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [])],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production" },
      stdio: ["ignore", output, output, "ipc"],
      serialization: "advanced",
    });
    const started = new Child<Known>(child);
    const ended = once(child, "exit").then(() => {
      throw new Error(`${file} ended before it was ready.`);
    });
    await Promise.race([once(child, "message"), ended]);
    ended.catch(() => {});
    return started;
  }

  run<Name extends keyof Known & string>(
    name: Name,
    argument?: Parameters<Known[Name]>[0],
  ): Promise<Awaited<ReturnType<Known[Name]>>> {
    this.#asked += 1;
    const question: Question = { id: this.#asked, name, argument };
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, ({ result, error }) => {
        if (error === undefined) resolve(result as Awaited<ReturnType<Known[Name]>>);
        else reject(new Error(error));
      });
      this.#child.send(question, (error) => {
        if (error) reject(error);
      });
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}
