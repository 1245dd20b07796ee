import { announceCluster, type PostgresCluster, startPostgres } from "@/tests/support/postgres";

/** Each Vitest project loads this file separately, and at the same time; they meet in the process. */
const place: { usherTestCluster?: { started: Promise<PostgresCluster>; projects: number } } =
  globalThis as never;

/** One cluster for a whole Vitest run, however many projects need it. */
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
