import type { ChildProcess } from "node:child_process";
import { type JSONRPCMessage, SdkError, SdkErrorCode } from "@modelcontextprotocol/client";
import spawn from "cross-spawn";
import { boundedJsonOrNull, fieldsOf } from "@/lib/bounded-json";
import type { MessageStream } from "@/lib/mcp/client/stream-transport";
import { JsonLines } from "@/lib/mcp/stdio/json-lines";
import type { Launch } from "@/lib/mcp/stdio/launch";

/** Between "your input has ended", SIGTERM and SIGKILL, in ms. */
const PATIENCE_MS = 2_000;
const STDERR_KEPT = { beginning: 2_000, end: 2_000 };
/** Of what it writes to stdout beside messages, in characters. */
const WORDS_KEPT = 2_000;

/**
 * A server that runs as a child process, without a shell in between: one message per line. It
 * replaces the SDK's transport, which starts a second process to ask an unknown server which protocol
 * it speaks, records nothing about how a process ended, and drops a whole message for one odd field.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 */
export class ServerProcess implements MessageStream {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  ontext?: (text: string) => void;
  onactivity?: () => void;

  readonly #launch: Launch;
  #process: ChildProcess | null = null;
  readonly #lines = new JsonLines(
    (text) => {
      if (isLog(text)) this.#keepStdout(text);
      this.ontext?.(text);
    },
    (words) => this.#keepStdout(words),
  );
  #stdout = "";
  #beginning = "";
  #end = "";
  #ended: string | null = null;
  #wasTold = false;

  constructor(launch: Launch) {
    this.#launch = launch;
  }

  /**
   * Its stderr output, verbatim: the beginning, which says what went wrong first, and the end. Some programs say it on
   * stdout instead.
   */
  get words(): string {
    if (this.#beginning.trim() === "") return this.#stdout;
    return this.#end === "" ? this.#beginning : `${this.#beginning}\n…\n${this.#end}`;
  }

  get ended(): string | null {
    return this.#ended;
  }

  start(): Promise<void> {
    const { command, args, environment, cwd } = this.#launch;
    return new Promise((resolve, reject) => {
      const child = spawn(command, [...args], {
        env: { ...environment } as NodeJS.ProcessEnv,
        stdio: ["pipe", "pipe", "pipe"],
        shell: false,
        windowsHide: true,
        ...(cwd === undefined ? {} : { cwd }),
      });
      this.#process = child;
      child.once("spawn", resolve);
      child.on("error", (error) => {
        reject(error);
        this.onerror?.(error);
      });
      child.once("exit", (code, signal) => {
        this.#ended ??= signal === null ? `exit code ${code}` : `signal ${signal}`;
      });
      // After its last output; a helper that keeps its pipes open must not keep it alive.
      child.once("close", () => this.#gone());
      child.once("exit", () => setTimeout(() => this.#gone(), PATIENCE_MS).unref());
      child.stdin?.on("error", (error) => this.onerror?.(error));
      child.stdout?.on("error", (error) => this.onerror?.(error));
      child.stdout?.on("data", (chunk: Buffer) => this.#take(chunk));
      child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keepWords(text));
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const { stdin } = this.#process ?? {};
    if (!stdin?.writable) {
      return Promise.reject(new SdkError(SdkErrorCode.NotConnected, "Not connected"));
    }
    return new Promise((resolve) => {
      if (stdin.write(`${JSON.stringify(message)}\n`)) resolve();
      else stdin.once("drain", resolve);
    });
  }

  async close(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#process = null;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const runs = () => child.exitCode === null && child.signalCode === null;
    if (child.pid !== undefined && runs()) {
      child.stdin?.end();
      await within(PATIENCE_MS, gone);
      if (runs()) {
        child.kill("SIGTERM");
        await within(PATIENCE_MS, gone);
      }
      if (runs()) {
        child.kill("SIGKILL");
        await within(PATIENCE_MS, gone);
      }
    }
    child.stdout?.destroy();
    child.stderr?.destroy();
    this.#gone();
  }

  #gone(): void {
    if (this.#wasTold) return;
    this.#lines.end();
    this.#wasTold = true;
    this.#process = null;
    this.onclose?.();
  }

  #take(chunk: Buffer): void {
    this.onactivity?.();
    if (this.#lines.take(chunk)) return;
    this.#ended = "it wrote a line of more than 16 MiB, so Usher ended it";
    this.onerror?.(new Error("A line of more than 16 MiB"));
    void this.close();
  }

  #keepStdout(words: string): void {
    this.#stdout = `${this.#stdout}${words}\n`.slice(-WORDS_KEPT);
  }

  #keepWords(text: string): void {
    const room = STDERR_KEPT.beginning - this.#beginning.length;
    if (room > 0) this.#beginning += text.slice(0, room);
    if (room < text.length) {
      this.#end = (this.#end + text.slice(Math.max(0, room))).slice(-STDERR_KEPT.end);
    }
  }
}

/** Short, as what people read is: a tool's answer, which may be another person's, is never kept. */
function isLog(text: string): boolean {
  if (text.length > WORDS_KEPT) return false;
  const { method } = fieldsOf(boundedJsonOrNull(text));
  return typeof method === "string" && LOGS.test(method);
}

/** `notifications/message`, and what programs send in its place. */
const LOGS = /(^|[/.$])(logs?|log_?message|message|errors?)$/i;

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    timer.unref();
  });
  await Promise.race([work, enough]);
  clearTimeout(timer);
}
