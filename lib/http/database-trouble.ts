import { UsherError } from "@/lib/errors";

/** Why the database cannot take a request now, though nothing is wrong with the request. */
export type DatabaseTrouble = "disk_full" | "away" | "busy";

/** In ms: as long as a connection or a transaction is waited for, which has passed by then. */
export const busyRetryMs = 3_000;

/**
 * SQLSTATE of Postgres: out of room (53), a deadlock or a conflict (40), a lock that did not come (55P03),
 * a statement that was cancelled (57014), a transaction that stood idle for too long (25P03).
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const busyStates = /^(53...|40...|55P03|57014|25P03)$/;
/** A server that starts or stops (57P), a broken connection (08). */
const awayStates = /^(57P0.|08...)$/;
/**
 * Of Prisma: no connection in time, a transaction that could not begin or did not end in time, a conflict.
 * @see https://www.prisma.io/docs/orm/reference/error-reference
 */
const busyPrismaCodes = /^P(2024|2028|2034|1008)$/;
/** A server out of reach. */
const awayPrismaCodes = /^P(1001|1002|1017)$/;
/** Of `pg`, which gives these no code. */
const busyWords = /^timeout exceeded when trying to connect/;
const awayWords = /^Connection terminated/;

/** Looks at the error and what it was made of: `pg`, Prisma and its adapter wrap one another. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (error instanceof UsherError) return null;
  let busy = false;
  let away = false;
  let at = error;
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth += 1) {
    const { code, originalCode, message, meta, cause } = at as Record<string, unknown>;
    const codes = [code, originalCode].filter((each) => typeof each === "string");
    if (codes.includes("53100")) return "disk_full";
    busy ||= codes.some((each) => busyStates.test(each) || busyPrismaCodes.test(each));
    away ||= codes.some((each) => awayStates.test(each) || awayPrismaCodes.test(each));
    if (typeof message === "string") {
      busy ||= busyWords.test(message);
      away ||= awayWords.test(message);
    }
    at = cause ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  }
  if (away) return "away";
  return busy ? "busy" : null;
}
