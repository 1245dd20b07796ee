import type { AppContext } from "@/lib/app/context";
import { countDueForRefresh } from "@/lib/db/refresh/refresh-lease";
import { patiently } from "@/lib/work-under-way";
import { counters, type Gauge, gauges, histograms, mapped } from "./instruments";
import type { Telemetry } from "./telemetry";

type Prometheus = Pick<Telemetry, "count" | "time"> & {
  exposition: NonNullable<Telemetry["exposition"]>;
};

/** For one label; further values are counted as `other`, so that no one can create endless series. */
const mostValues = 100;
const longestValue = 100;
/** How long a scrape waits for the database, in ms. */
const askMs = 1_000;

/** Loads prom-client. */
export async function startPrometheus(
  ctx: Pick<AppContext, "db" | "now" | "providerGate" | "startup" | "stopping" | "turns">,
): Promise<Prometheus> {
  const prometheus = await import("prom-client");
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });
  const known = new Map<string, Set<string>>();
  const bounded = (labels: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(labels).map(([label, value]) => [label, oneOfFew(known, label, value)]),
    );

  const counts = mapped(counters, (name, { help, labels }) => {
    return new prometheus.Counter({ name, help, labelNames: labels, registers: [registry] });
  });
  const times = mapped(histograms, (name, { help, labels, buckets }) => {
    const options = { name, help, labelNames: labels, buckets: [...buckets] };
    return new prometheus.Histogram({ ...options, registers: [registry] });
  });
  mapped(gauges, (name, { help, labels }) => {
    const collect = async function (this: InstanceType<typeof prometheus.Gauge>) {
      this.reset();
      for (const [state, value] of await states[name](ctx)) {
        if (state === "") this.set(value);
        else this.set({ state }, value);
      }
    };
    return new prometheus.Gauge({ name, help, labelNames: labels, registers: [registry], collect });
  });

  return {
    count: (name, labels) => counts[name].inc(bounded(labels)),
    time: (name, ms, labels) => times[name].observe(bounded(labels), ms / 1000),
    exposition: async () => ({
      contentType: registry.contentType,
      text: await registry.metrics(),
    }),
  };
}

type Observed = Parameters<typeof startPrometheus>[0];
type States = [state: string, value: number][];

const states: Record<Gauge, (ctx: Observed) => States | Promise<States>> = {
  usher_ready: ({ startup, stopping, db }) => {
    const ready = startup.isDone && !stopping.aborted && !db.$isAway();
    return [["", Number(ready)]];
  },
  usher_database_away: ({ db }) => [["", Number(db.$isAway())]],
  usher_database_connections: ({ db }) => Object.entries(db.$connections()),
  usher_refreshes_due: async ({ db, now }) => {
    const due = countDueForRefresh(db, now()).catch(() => null);
    const count = await patiently(due, askMs, () => null);
    return count === null ? [] : [["", count]];
  },
  usher_provider_gates: ({ providerGate }) => Object.entries(providerGate.states()),
  usher_turns_running: ({ turns }) => [["", turns.count()]],
};

function oneOfFew(known: Map<string, Set<string>>, label: string, value: string): string {
  const values = known.get(label) ?? new Set();
  known.set(label, values);
  const short = value.slice(0, longestValue);
  if (values.has(short)) return short;
  if (values.size >= mostValues) return "other";
  values.add(short);
  return short;
}
