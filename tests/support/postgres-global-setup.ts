import { announceCluster, type PostgresCluster, startPostgres } from "@/tests/support/postgres";

/** Each project of vitest loads this file anew, and at the same time; they meet in the process. */
const place: { usherTestCluster?: { started: Promise<PostgresCluster>; projects: number } } =
  globalThis as never;

/** One cluster for a whole run of vitest, however many projects want it. */
export default async function setup(): Promise<() => Promise<void>> {
  place.usherTestCluster ??= { started: startPostgres({ autovacuum: "off" }), projects: 0 };
  const shared = place.usherTestCluster;
  shared.projects += 1;
  const cluster = await shared.started;
  announceCluster(cluster);
  return async () => {
    shared.projects -= 1;
    if (shared.projects === 0) await cluster.stop();
  };
}
