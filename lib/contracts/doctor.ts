export type DoctorStatus = "ok" | "warning" | "failed" | "skipped";

/** Each check, in the order of the results. */
export const doctorChecks = {
  configuration: { group: "address", title: "Configuration" },
  browser: { group: "address", title: "Public URL from your browser" },
  "public-url": { group: "address", title: "Public URL from the server" },
  "proxy-headers": { group: "address", title: "Proxy headers" },
  callback: { group: "address", title: "Callback URL" },
  database: { group: "database", title: "Database" },
  pooler: { group: "database", title: "Connection pooler" },
  migrations: { group: "database", title: "Migrations" },
  connections: { group: "database", title: "Database connections" },
  keys: { group: "keys", title: "Encryption keys" },
  sweep: { group: "keys", title: "Refresh sweep" },
  "database-clock": { group: "keys", title: "Clock and database" },
  "provider-clocks": { group: "keys", title: "Clock and providers" },
  outbound: { group: "outbound", title: "MCP servers and providers" },
  proxy: { group: "outbound", title: "Outbound proxy" },
  certificates: { group: "outbound", title: "Certificates" },
  models: { group: "outbound", title: "Models" },
  email: { group: "outbound", title: "Email" },
  "single-sign-on": { group: "outbound", title: "Single sign-on" },
  disk: { group: "machine", title: "Disk" },
  node: { group: "machine", title: "Node.js" },
} as const satisfies Record<string, { group: string; title: string }>;

export type DoctorCheckId = keyof typeof doctorChecks;

export const doctorGroups = {
  address: "Address and proxy",
  database: "Database",
  keys: "Keys and time",
  outbound: "Outbound",
  machine: "Machine",
} as const;

/** What one check found, in words without secrets. */
export interface DoctorResult {
  id: DoctorCheckId;
  status: DoctorStatus;
  finding: string;
  /** What to do; null if nothing needs to be done. */
  fix: string | null;
}

/** Such as "1 failed, 2 warnings, 12 OK, 3 skipped". */
export function summarize(results: readonly Pick<DoctorResult, "status">[]): string {
  const count = (status: DoctorStatus) => results.filter((each) => each.status === status).length;
  const warnings = count("warning");
  const parts = [
    [count("failed"), "failed"],
    [warnings, warnings === 1 ? "warning" : "warnings"],
    [count("ok"), "OK"],
    [count("skipped"), "skipped"],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(", ");
}

const marks: Readonly<Record<DoctorStatus, string>> = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  skipped: "–",
};

/** For a terminal, or to paste somewhere: one result per line, its fix below. */
export function resultText({ id, status, finding, fix }: DoctorResult): string {
  const line = `${marks[status]} ${doctorChecks[id].title}: ${finding}`;
  return fix === null ? line : `${line}\n    → ${fix}`;
}

/** In the order of the list. */
export function inOrder(results: readonly DoctorResult[]): DoctorResult[] {
  const ids = Object.keys(doctorChecks);
  return results.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}
