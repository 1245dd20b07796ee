// One replica of Usher in a separate process, for trials to drive, to measure and to kill.

import pg from "pg";
import { createApp } from "@/lib/app";
import type { Owner } from "@/lib/db/stored-token-set";
import { readEnv } from "@/lib/env";
import { UsherError } from "@/lib/errors";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { disablePerson } from "@/lib/people/offboard";
import { accessToken } from "@/lib/tokens/access-token";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { createWorkUnderWay } from "@/lib/work-under-way";

export interface RefreshWorkerOptions {
  env: Record<string, string>;
  /** For this replica's refreshes; the product's own unless given. */
  leaseMs?: number;
  /** Host names that lead to 127.0.0.1 until `breakDns` takes them away. */
  localHosts?: string[];
}

/** Where the process kills itself, counted in steps: statements to Postgres, and requests. */
export interface DeathPoint {
  /** SIGSTOP only freezes it. */
  by?: "SIGKILL" | "SIGSTOP";
  step: number;
  moment: "before" | "during" | "after";
  /** For `during`: this long after the step began. */
  afterMs: number;
}

/** What one caller received. */
export interface CallOutcome {
  token: string | null;
  /** For an UsherError its code, for others `internal`. */
  error: string | null;
  message: string | null;
  /** Epoch, with fractions. */
  endedAt: number;
}

export interface MemoryGrowth {
  /** Live memory, at its peak, in MB. */
  live: number;
  /** The whole process, at its peak, in MB. */
  resident: number;
}

export type RefreshWorkerCommands = typeof commands;

const options: RefreshWorkerOptions = JSON.parse(process.argv[2] ?? "{}");
const steps: string[] = [];
/** What a platform that freezes this process would wait for. */
const told: Promise<void>[] = [];
let death: DeathPoint | null = null;
let aheadMs = 0;
let dnsBroken = false;

const app = createApp(readEnv(options.env), () => new Date(Date.now() + aheadMs));
// As in a process that has been running for some seconds.
await Promise.all([import("@/lib/net/dispatcher"), app.db.$connect()]);
const outbound = options.localHosts ? outboundOf(options.localHosts) : app.outbound;
const ctx: RefreshContext = {
  ...app,
  leaseMs: options.leaseMs,
  underWay: createWorkUnderWay((work) => void told.push(work)),
  outbound: (input, init) => step(`POST ${pathOf(input)}`, () => outbound(input, init)),
};
countStatements();

const commands = {
  /** This process's clock from now on. */
  async setClock(ahead: { ms: number }) {
    aheadMs = ahead.ms;
  },

  /** This many calls at once, from the given moment on. */
  async call({ owner, callers, at }: { owner: Owner; callers: number; at?: number }) {
    await until(at);
    return Promise.all(Array.from({ length: callers }, () => callOnce(owner)));
  },

  /** One call for each, all at once. */
  async callEach({ owners, at }: { owners: Owner[]; at?: number }) {
    await until(at);
    return Promise.all(owners.map(callOnce));
  },

  /** Calls again and again until there is a token or consent is required, or the time is up. */
  async callUntilSettled({ owner, forMs }: { owner: Owner; forMs: number }) {
    const giveUpAt = Date.now() + forMs;
    for (;;) {
      const outcome = await callOnce(owner);
      const settled = outcome.token !== null || outcome.error === "authorization_required";
      if (settled || Date.now() > giveUpAt) return outcome;
      await sleep(50);
    }
  },

  /**
   * Like a function on a platform: its caller leaves after a while, and it is done when everything that it
   * announced to the platform is done. What happens afterwards is up to the platform that freezes it.
   */
  async callAndLeave({ owner, leaveAfterMs }: { owner: Owner; leaveAfterMs: number }) {
    void callOnce(owner);
    await sleep(leaveAfterMs);
    await Promise.all(told.splice(0));
  },

  /** What was sent is answered, or abandoned, and saved: callers leave before that. */
  async settle() {
    await ctx.underWay.settled();
  },

  async sweep(how: { concurrency: number; claimForMs: number }) {
    return runRefreshSweep(ctx, { trigger: "manual", ...how });
  },

  /** By an admin, in this process. */
  async disable({ actor, userId }: { actor: Parameters<typeof disablePerson>[1]; userId: string }) {
    await disablePerson({ ...app, ...ctx }, actor, userId, {});
  },

  /** @returns what this process did since the last call, step by step. */
  async takeSteps() {
    return steps.splice(0);
  },

  /** Counted from the next step on. */
  async dieAt(point: DeathPoint) {
    steps.length = 0;
    death = point;
  },

  /** New connections cannot resolve addresses from now on, or can again; kept ones are ended. */
  async breakDns({ broken }: { broken: boolean }) {
    dnsBroken = broken;
  },

  /** During the calls. Requires `--expose-gc`. */
  async memoryOfCalls({ owners }: { owners: Owner[] }) {
    const before = usage();
    const growth: MemoryGrowth = { live: 0, resident: 0 };
    const sample = () => {
      const { rss } = process.memoryUsage();
      growth.resident = Math.max(growth.resident, rss / 1e6 - before.resident);
      growth.live = Math.max(growth.live, usage().live - before.live);
    };
    const timer = setInterval(sample, 100);
    const outcomes = await Promise.all(owners.map(callOnce));
    clearInterval(timer);
    sample();
    return { outcomes, growth };
  },
};

async function callOnce(owner: Owner): Promise<CallOutcome> {
  const outcome = {
    token: null as string | null,
    error: null as string | null,
    message: null as string | null,
  };
  try {
    outcome.token = await accessToken(ctx, owner);
  } catch (error) {
    outcome.error = error instanceof UsherError ? error.code : "internal";
    outcome.message = String(error);
  }
  return { ...outcome, endedAt: performance.timeOrigin + performance.now() };
}

async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const index = steps.push(name) - 1;
  const point = death?.step === index ? death : null;
  const die = () => process.kill(process.pid, point?.by ?? "SIGKILL");
  if (point?.moment === "before") die();
  const running = run();
  if (point?.moment === "during") setTimeout(die, point.afterMs);
  const result = await running;
  if (point?.moment === "after") die();
  return result;
}

/** At the driver, so that it covers all of them, whatever library they come from. */
function countStatements(): void {
  const prototype = pg.Client.prototype as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (...args: unknown[]) {
    const [statement] = args;
    const text = typeof statement === "string" ? statement : (statement as { text?: string }).text;
    // Flow records are written whenever there is time: they are not a step of a refresh.
    if (text?.includes('"FlowRecord"')) return query.apply(this, args);
    const callback = args.at(-1);
    if (typeof callback !== "function") {
      return step(text ?? "", () => query.apply(this, args) as Promise<unknown>);
    }
    const answer = () =>
      new Promise<unknown[]>((resolve) => {
        query.apply(this, [...args.slice(0, -1), (...result: unknown[]) => resolve(result)]);
      });
    void step(text ?? "", answer).then((result) => callback(...result));
  };
}

function outboundOf(localHosts: string[]) {
  const policy = { allowHttpLoopback: true, allowedPrivateHosts: localHosts };
  const agent = createOutboundAgent(policy, {
    resolve: async (host) => {
      const known = localHosts.includes(host) && !dnsBroken;
      if (!known) throw Object.assign(new Error("no such host"), { code: "ENOTFOUND" });
      return [{ address: "127.0.0.1", family: 4 }];
    },
  });
  return createOutboundFetch(agent, { totalTimeoutMs: 20_000, maxResponseBytes: 1024 * 1024 });
}

function pathOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).pathname;
}

function usage() {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { live: (heapUsed + external) / 1e6, resident: rss / 1e6 };
}

function until(moment: number | undefined): Promise<void> {
  return sleep(moment === undefined ? 0 : moment - Date.now());
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

process.on(
  "message",
  async (message: { id: number; name: keyof typeof commands; argument: never }) => {
    const { id, name, argument } = message;
    try {
      process.send?.({ id, result: await commands[name](argument) });
    } catch (error) {
      process.send?.({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  },
);
process.once("disconnect", () => process.exit());
// Otherwise the first statement would include the time to connect.
await app.db.$queryRaw`SELECT 1`;
process.send?.({ ready: true });
