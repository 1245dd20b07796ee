/** What is counted and timed as it happens. Labels contain no id, no URL and no person. */
export const counters = {
  usher_http_requests_total: {
    help: "Requests answered, by route pattern.",
    labels: ["method", "route", "status"],
  },
  usher_refreshes_total: {
    help: "Refreshes of tokens that a provider was asked for, by how they ended.",
    labels: ["outcome", "host", "trigger"],
  },
  usher_tool_calls_total: {
    help: "Tool calls, by how they ended.",
    labels: ["outcome", "server"],
  },
} as const;

/** In seconds. */
export const histograms = {
  usher_http_request_duration_seconds: {
    help: "From the request to the beginning of its answer.",
    labels: ["route"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  usher_refresh_duration_seconds: {
    help: "A refresh that asked a provider, from the lease to the saved row.",
    labels: ["host"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60],
  },
  usher_lease_wait_seconds: {
    help: "How long a caller waited for a refresh of the same account by somebody else.",
    labels: [],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  usher_sweep_duration_seconds: {
    help: "A run of the refresh sweep.",
    labels: ["trigger"],
    buckets: [0.1, 0.5, 1, 5, 15, 30, 60, 120, 270],
  },
  usher_sweep_lag_seconds: {
    help: "How long the most urgent token of a sweep had been due.",
    labels: [],
    buckets: [1, 10, 60, 150, 300, 600, 1800, 3600],
  },
  usher_tool_call_duration_seconds: {
    help: "A tool call, with its token and its refresh.",
    labels: ["server"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  usher_consent_duration_seconds: {
    help: "From the click on Authorize to the saved connection.",
    labels: [],
    buckets: [2, 5, 10, 20, 30, 60, 120, 300, 600],
  },
  usher_turn_duration_seconds: {
    help: "A turn of the chat, from its message to its end.",
    labels: [],
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  },
} as const;

/** The state at the moment of a scrape. */
export const gauges = {
  usher_ready: { help: "1: this process may get requests.", labels: [] },
  usher_database_away: { help: "1: nothing answers at the database's address.", labels: [] },
  usher_database_connections: {
    help: "Connections to the database; `waiting` are requests for one.",
    labels: ["state"],
  },
  usher_refreshes_due: { help: "Tokens that are due to be refreshed now.", labels: [] },
  usher_provider_gates: {
    help: "Providers' hosts by whether Usher sends them token requests now.",
    labels: ["state"],
  },
  usher_turns_running: { help: "Turns of the chat that run in this process.", labels: [] },
} as const;

export type Counter = keyof typeof counters;
export type Histogram = keyof typeof histograms;
export type Gauge = keyof typeof gauges;

export type LabelsOf<Instrument extends { labels: readonly string[] }> = {
  [Label in Instrument["labels"][number]]: string;
};

/** One thing created from each definition, by its name. */
export function mapped<Key extends string, Definition, Made>(
  definitions: Readonly<Record<Key, Definition>>,
  make: (name: Key, definition: Definition) => Made,
): Record<Key, Made> {
  const entries = Object.entries<Definition>(definitions);
  return Object.fromEntries(
    entries.map(([name, definition]) => [name, make(name as Key, definition)]),
  ) as Record<Key, Made>;
}
