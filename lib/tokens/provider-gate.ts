/** The result of a request: a provider that responds, with whatever decision, is healthy. */
export type Health = "healthy" | "ill" | "not_asked";

export type Entry =
  | {
      entered: true;
      /** @param waitMs for which the provider asks this account to wait */
      leave: (health: Health, waitMs?: number | null) => void;
    }
  /** Nothing was sent, and nothing should be sent before `until`. */
  | { entered: false; reason: "closed" | "busy" | "asked"; until: Date };

interface Asking {
  /** Whose tokens: one token's failures are distinguished from failures that affect everyone. */
  account: string;
  /** A person waits for the response, and is not held back by other requests' failures. */
  byPerson: boolean;
  /** How long to wait for a place, in real time. */
  maxWaitMs: number;
}

interface Host {
  /** The most parallel requests. */
  limit: number;
  running: number;
  waiting: Set<() => void>;
  illInARow: number;
  /** How often it has closed since it was last healthy. */
  closings: number;
  closedUntil: number;
  /** The number of healthy responses. */
  healthy: number;
  /** Accounts whose last response was ill, with `healthy` at the time when that started. */
  ill: Map<string, number>;
  /** Accounts that the provider asked to wait, until when. A person waits as well. */
  asked: Map<string, number>;
  /** When an account without failures was last let through although it was closed. */
  exceptionAt: number;
}

/** The initial limit: the most that a hanging host can block. */
const firstLimit = 8;
const highestLimit = 64;
const illToClose = 5;
const firstClosureMs = 15_000;
/** Shorter than the sweep's period: the first sweep after an outage finds the gate open. */
const longestClosureMs = 4 * 60_000;
/** At a closed gate, for those that are still let through. */
const exceptionsAtOnce = 4;
const exceptionEveryMs = 1000;
const mostHosts = 2000;
const mostIll = 10_000;
/** The longest wait that is believed. */
const longestAskedMs = 60 * 60_000;

/**
 * Limits the concurrent requests to one provider's host: a few at first, more while it
 * responds, fewer when it does not, and none for a while after it failed five times in a row. Then
 * one goes ahead as a trial. So a failing provider delays only its own accounts and no one else's,
 * and gets no stampede when it comes back.
 *
 * Some providers answer a dead refresh token with a 5xx. An account that fails again after the host
 * has answered another one fails alone, and no longer counts; until that is known, accounts without failures
 * of their own, and a waiting person, are let through a closed gate, a few at a time.
 */
export class ProviderGate {
  readonly #hosts = new Map<string, Host>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  async enter(name: string, { account, byPerson, maxWaitMs }: Asking): Promise<Entry> {
    const host = this.#host(name);
    const waitUntil = performance.now() + maxWaitMs;
    for (;;) {
      const now = this.#now().getTime();
      const askedUntil = host.asked.get(account) ?? 0;
      if (askedUntil > now) return notNow("asked", askedUntil);
      const isFresh = !host.ill.has(account) && now - host.exceptionAt >= exceptionEveryMs;
      const isException = byPerson || isFresh;
      const isClosed = host.closedUntil > now;
      if (isClosed && !isException) return notNow("closed", host.closedUntil);
      if (freePlaces(host, isException) > 0) {
        if (isClosed && !byPerson) host.exceptionAt = now;
        break;
      }
      const leftMs = waitUntil - performance.now();
      if (leftMs <= 0) return notNow("busy", now + 1000);
      await placeFree(host, leftMs);
    }
    host.running += 1;
    let left = false;
    return {
      entered: true,
      leave: (health, waitMs = null) => {
        if (left) return;
        left = true;
        host.asked.delete(account);
        if (waitMs !== null && host.asked.size < mostIll) {
          const until = this.#now().getTime() + Math.min(waitMs, longestAskedMs);
          host.asked.set(account, until);
        }
        this.#leave(host, account, health);
      },
    };
  }

  /** Whether this account's last failure is its own: the host has answered others since it began. */
  failsAlone(name: string, account: string): boolean {
    const host = this.#hosts.get(name);
    return host !== undefined && isAlone(host, account);
  }

  /** How many hosts are called as usual, and how many are left alone for now. */
  states(): { open: number; closed: number } {
    const now = this.#now().getTime();
    const closed = [...this.#hosts.values()].filter((host) => host.closedUntil > now).length;
    return { open: this.#hosts.size - closed, closed };
  }

  #leave(host: Host, account: string, health: Health): void {
    host.running -= 1;
    if (health === "healthy") {
      host.healthy += 1;
      host.ill.delete(account);
      host.illInARow = 0;
      host.closings = 0;
      host.closedUntil = 0;
      host.limit = Math.min(host.limit + 1, highestLimit);
    } else if (health === "ill" && !isAlone(host, account)) {
      if (!host.ill.has(account) && host.ill.size < mostIll) host.ill.set(account, host.healthy);
      host.illInARow += 1;
      host.limit = Math.max(Math.floor(host.limit / 2), firstLimit);
      if (host.closings > 0 || host.illInARow >= illToClose) this.#close(host);
    }
    // Waiters at a closed gate are all told so; for a free place, only the first ones.
    const closed = host.closedUntil > this.#now().getTime();
    let toWake = closed ? host.waiting.size : freePlaces(host, false);
    for (const wake of host.waiting) {
      if (toWake-- <= 0) break;
      wake();
    }
  }

  #close(host: Host): void {
    const now = this.#now().getTime();
    if (host.closedUntil > now) return;
    const closureMs = Math.min(firstClosureMs * 2 ** host.closings, longestClosureMs);
    host.closedUntil = now + closureMs;
    host.closings += 1;
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known) return known;
    if (this.#hosts.size >= mostHosts) this.#forgetIdle();
    const host: Host = {
      limit: firstLimit,
      running: 0,
      waiting: new Set(),
      illInARow: 0,
      closings: 0,
      closedUntil: 0,
      healthy: 0,
      ill: new Map(),
      asked: new Map(),
      exceptionAt: Number.NEGATIVE_INFINITY,
    };
    this.#hosts.set(name, host);
    return host;
  }

  #forgetIdle(): void {
    for (const [name, host] of this.#hosts) {
      if (host.running === 0 && host.waiting.size === 0) this.#hosts.delete(name);
      if (this.#hosts.size < mostHosts / 2) return;
    }
  }
}

/** It was ill before, and others were answered since. */
function isAlone(host: Host, account: string): boolean {
  const since = host.ill.get(account);
  return since !== undefined && host.healthy > since;
}

/** A closure that has ended lets one through, whose result decides for the rest. */
function freePlaces({ closings, limit, running }: Host, isException: boolean): number {
  if (closings === 0) return limit - running;
  return (isException ? exceptionsAtOnce : 1) - running;
}

function notNow(reason: "closed" | "busy" | "asked", until: number): Entry {
  return { entered: false, reason, until: new Date(until) };
}

/** Resolves when a place is free or the time is up. */
function placeFree(host: Host, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      host.waiting.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, waitMs);
    host.waiting.add(wake);
  });
}
