export type CatalogueRenewal =
  | { should: true; reason: "never_read" | "configuration_changed" | "outlived" }
  | { should: false; reason: "current" | "failed_lately" | "not_connected" };

/** The last reading. */
interface Reading {
  fetchedAt: Date | null;
  /** How long the list is valid according to the server, in ms; null: not stated. */
  ttlMs: number | null;
  /** Version of the configuration it was read with. */
  serverVersion: number;
  lastErrorAt: Date | null;
}

interface Configuration {
  version: number;
  updatedAt: Date;
}

/**
 * For the person that the list would be read for. `not_needed`: the server is used without OAuth. `missing`:
 * their calls would be refused; a list may still be read without a token.
 */
export type ReadingAccount = { state: "not_needed" | "missing" } | { state: "works"; since: Date };

/** After a failure, a server is not read for this long, unless an admin asks. */
const restAfterFailureMs = 10 * 60_000;
/** If the server does not say how long its list is valid. */
const usualTtlMs = 10 * 60_000;

export function needsRenewal(
  reading: Reading | null,
  server: Configuration,
  account: ReadingAccount,
  now: Date,
): CatalogueRenewal {
  const changed = reading !== null && reading.serverVersion !== server.version;
  if (reading?.lastErrorAt && !mayWorkSince(reading.lastErrorAt)) {
    return { should: false, reason: "failed_lately" };
  }
  if (changed) return { should: true, reason: "configuration_changed" };
  if (!reading?.fetchedAt) return { should: true, reason: "never_read" };
  const age = now.getTime() - reading.fetchedAt.getTime();
  if (age <= (reading.ttlMs ?? usualTtlMs)) return { should: false, reason: "current" };
  return account.state === "missing"
    ? { should: false, reason: "not_connected" }
    : { should: true, reason: "outlived" };

  /** Different tokens or another configuration since then, or enough time. */
  function mayWorkSince(failedAt: Date): boolean {
    if (account.state === "works" && account.since >= failedAt) return true;
    if (changed && server.updatedAt > failedAt) return true;
    return now.getTime() - failedAt.getTime() >= restAfterFailureMs;
  }
}
