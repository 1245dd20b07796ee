import { UsherError } from "@/lib/errors";

/** Why the database cannot handle a request now, although nothing is wrong with the request. */
export type DatabaseTrouble = "disk_full" | "refused" | "read_only" | "away" | "busy";

/** In ms: as long as the wait for a connection or a transaction, which has passed by then. */
export const busyRetryMs = 3_000;

/**
 * Postgres' SQLSTATE: out of resources (53), a deadlock or a conflict (40), a lock that was not available (55P03),
 * a cancelled statement (57014), a transaction that was idle for too long (25P03).
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const busyStates = /^(53...|40...|55P03|57014|25P03)$/;
/** A password, user, database or right that the operator has to correct (28, 3D000, 42501). */
const refusedStates = /^(28...|3D000|42501)$/;
/** During a failover, an old connection may lead to what is a standby now. */
const readOnlyStates = /^25006$/;
/** A server that starts or stops (57P), a broken connection (08). */
const awayStates = /^(57P0.|08...)$/;
/**
 * Prisma's: no connection in time, a transaction that could not start or did not end in time, a conflict.
 * @see https://www.prisma.io/docs/orm/reference/error-reference
 */
const busyPrismaCodes = /^P(2024|2028|2034|1008)$/;
/** An unreachable server. */
const awayPrismaCodes = /^P(1001|1002|1017)$/;
/** From `pg`, which gives these no code. */
const busyWords = /^timeout exceeded when trying to connect/;
const awayWords = /^Connection terminated/;

/** Checks the error and its causes: `pg`, Prisma and its adapter wrap one another. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (error instanceof UsherError) return null;
  let busy = false;
  let away = false;
  let at = error;
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth += 1) {
    const { code, originalCode, message, meta, cause } = at as Record<string, unknown>;
    const codes = [code, originalCode].filter((each) => typeof each === "string");
    if (codes.includes("53100")) return "disk_full";
    if (codes.some((each) => refusedStates.test(each))) return "refused";
    if (codes.some((each) => readOnlyStates.test(each))) return "read_only";
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
