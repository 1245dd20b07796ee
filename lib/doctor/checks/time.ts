import { sweepState } from "@/lib/contracts/connections/sweep-state";
import { findLastSweepRun } from "@/lib/db/sweep-run";
import type { AskedHost } from "@/lib/doctor/asked-hosts";
import type { DoctorCheck, Finding } from "@/lib/doctor/check";
import { counted, failed, listed, ok, skipped, warning } from "@/lib/doctor/check";
import type { DatabaseRun, DoctorRun } from "@/lib/doctor/run";

export const sweepCheck: DoctorCheck<DoctorRun> = {
  id: "sweep",
  needsDatabase: true,
  async run({ db, env, now }) {
    const last = await findLastSweepRun(db);
    const runner = env.selfHosted
      ? "Usher's own timer runs it while the server runs: start the server and check its log."
      : "Vercel Cron calls it: check the project's cron jobs and CRON_SECRET.";
    if (last === null) return warning("No sweep has run yet.", runner);
    const state = sweepState({ startedAt: last.startedAt.toISOString() }, now().getTime());
    const minutes = Math.max(0, Math.round((now().getTime() - last.startedAt.getTime()) / 60_000));
    const when = `The last sweep began ${minutes === 0 ? "less than a minute" : counted(minutes, "minute")} ago.`;
    if (state === "late") return failed(`${when} One is due every 5 minutes.`, runner);
    if (last.error !== null) {
      return warning(`${when} It ended with an error.`, "See Refreshes and the server's log.");
    }
    return ok(when);
  },
};

/** Leases use the database's clock, expiry uses ours. */
const slightlyOffMs = 5_000;
const farOffMs = 60_000;
const fixOwn = "Synchronize this machine's clock by NTP (timedatectl set-ntp true).";

export const databaseClockCheck: DoctorCheck<DatabaseRun> = {
  id: "database-clock",
  needsDatabase: true,
  async run(run) {
    const { aheadMs } = await run.server();
    const off = Math.abs(aheadMs);
    if (off <= slightlyOffMs) return ok("This machine and the database have the same time.");
    const finding = `The database's clock is ${apart(aheadMs)} this machine's.`;
    const fix = "Synchronize the clocks of both by NTP (timedatectl set-ntp true).";
    return off > farOffMs ? failed(finding, fix) : warning(finding, fix);
  },
};

export const providerClocksCheck: DoctorCheck<DoctorRun> = {
  id: "provider-clocks",
  needsDatabase: true,
  async run(run) {
    const [hosts, server] = await Promise.all([run.hosts(), run.server()]);
    return judgeClocks(hosts, server.aheadMs);
  },
};

/** Providers that agree with each other are right, and so is the database if it agrees with one. */
export function judgeClocks(
  hosts: readonly Pick<AskedHost, "host" | "aheadMs">[],
  databaseAheadMs: number,
): Finding {
  const told = hosts.flatMap(({ host, aheadMs }) => (aheadMs === null ? [] : [{ host, aheadMs }]));
  if (told.length === 0) return skipped("No provider or MCP server said what time it has.");
  const off = told.filter(({ aheadMs }) => Math.abs(aheadMs) > farOffMs);
  if (off.length === 0) {
    return ok(
      `${counted(told.length, "provider or server has", "providers and servers have")} the same time as this machine.`,
    );
  }
  const [first] = off as [(typeof off)[number]];
  const agree = (aheadMs: number) => Math.abs(aheadMs - first.aheadMs) <= farOffMs;
  const witnesses = off.filter(({ aheadMs }) => agree(aheadMs)).length;
  const isOurs =
    off.length > told.length / 2 &&
    (agree(databaseAheadMs) || (witnesses > 1 && witnesses === off.length));
  if (isOurs) {
    return failed(
      `This machine's clock is ${apart(-first.aheadMs)} those of ${listed(off.map(({ host }) => host))}.`,
      fixOwn,
    );
  }
  const each = off.map(({ host, aheadMs }) => `${host} is ${apart(aheadMs)} this machine`);
  return warning(
    `${listed(each)}.`,
    "Tell whoever runs it. Refreshes go on, but sign-ins and ID tokens may be refused because of their times.",
  );
}

/** "10 minutes ahead of", "3 seconds behind". */
function apart(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const long =
    seconds < 120
      ? counted(seconds, "second")
      : seconds < 7200
        ? counted(Math.round(seconds / 60), "minute")
        : counted(Math.round(seconds / 3600), "hour");
  return `${long} ${aheadMs > 0 ? "ahead of" : "behind"}`;
}
