import type { Database } from "@/lib/db/client";
import { inspectMigrations } from "@/lib/db/inspection/migrations";
import { inspectPooling } from "@/lib/db/inspection/pooling";
import { databaseProblemOf, whyUnreachable } from "@/lib/db/inspection/reach";
import { inspectConnections } from "@/lib/db/inspection/server";
import type { DoctorCheck } from "@/lib/doctor/check";
import { counted, failed, listed, ok, skipped, warning } from "@/lib/doctor/check";
import type { DatabaseRun } from "@/lib/doctor/run";
import { patiently } from "@/lib/work-under-way";

/** Older ones get no more fixes. @see https://www.postgresql.org/support/versioning/ */
const oldestSupported = 14;
/** A page runs several statements in sequence. */
const slowMs = 20;
const answerMs = 5_000;

export const databaseCheck: DoctorCheck<DatabaseRun> = {
  id: "database",
  async run(run) {
    if (run.databaseUrl === null)
      return skipped("Not checked: DATABASE_URL is missing or invalid.");
    const asked = run.server().catch(() => null);
    const server = await patiently(asked, answerMs, () => null);
    if (server === null) return whyAway(run.databaseUrl);
    const { version, versionNumber, latencyMs } = server;
    const name = run.embeddedDatabase ? "The embedded database" : `Postgres ${version}`;
    const answers = `${name} answers in ${latencyMs.toFixed(1)} ms.`;
    if (server.readOnly) {
      return failed(
        `${answers} It is read-only.`,
        "Point DATABASE_URL at the primary, not at a replica, and check default_transaction_read_only.",
      );
    }
    const unfit = databaseProblemOf(server.unfit);
    if (unfit) return failed(`${answers} ${unfit.finding}`, unfit.fix);
    if (versionNumber < oldestSupported * 10_000) {
      return warning(
        `${answers} This version gets no more security fixes.`,
        `Move to Postgres ${oldestSupported} or newer. Usher is tested with 18.`,
      );
    }
    if (latencyMs > slowMs && !run.embeddedDatabase) {
      return warning(
        `${answers} Pages need several answers one after another.`,
        "Run Usher and the database in the same region, and check the database's load.",
      );
    }
    return ok(answers);
  },
};

async function whyAway(databaseUrl: string) {
  const code = await whyUnreachable(databaseUrl);
  const { finding, fix } = databaseProblemOf(code) ?? {
    finding:
      code === null
        ? "It answers, but not every statement in time."
        : `It does not answer (${code}).`,
    fix: "Check that it runs and what its log says.",
  };
  return failed(`The database cannot be used. ${finding}`, fix);
}

export const poolerCheck: DoctorCheck<DatabaseRun> = {
  id: "pooler",
  needsDatabase: true,
  async run({ databaseUrl, embeddedDatabase }) {
    if (databaseUrl === null || embeddedDatabase) {
      return skipped("Not needed: the embedded database has no pooler.");
    }
    const pooling = await inspectPooling(databaseUrl);
    if (pooling === "direct") return ok("Usher is connected to Postgres directly.");
    if (pooling === "statement") {
      return failed(
        "A pooler in statement mode is in between. It refuses transactions, which Usher needs.",
        "Switch the pooler to transaction mode.",
      );
    }
    if (pooling === "full") {
      return warning(
        "A pooler is in between, and a new connection gets no session from it within 4 seconds.",
        "Raise the pooler's pool size, lower DATABASE_POOL_SIZE, or switch the pooler to transaction mode.",
      );
    }
    return ok(
      `A pooler in ${pooling} mode is in between.${pooling === "transaction" ? " Migrations need DIRECT_DATABASE_URL." : ""}`,
    );
  },
};

const migrate = 'Run "npm run db:migrate", then restart Usher.';

export const migrationsCheck: DoctorCheck<DatabaseRun> = {
  id: "migrations",
  needsDatabase: true,
  async run({ db }) {
    const { applied, pending, failed: broken, unknown } = await inspectMigrations(existing(db));
    if (broken.length > 0) {
      return failed(
        `${counted(broken.length, "migration")} did not go through: ${listed(broken)}.`,
        'Fix the cause, which "npm run db:migrate" shows, then run "npm run db:migrate -- --retry-failed".',
      );
    }
    if (pending.length > 0) {
      return failed(
        `${counted(pending.length, "migration is", "migrations are")} pending: ${listed(pending)}.`,
        migrate,
      );
    }
    if (unknown.length > 0) {
      return warning(
        `The database is newer than this Usher: it has ${listed(unknown)}.`,
        "Deploy the version that made this database, or restore a backup made with this version.",
      );
    }
    return ok(`All ${applied} migrations are applied. No extensions are needed.`);
  },
};

/** So that migrations, health checks and psql can still connect. */
const spare = 5;

export const connectionsCheck: DoctorCheck<DatabaseRun> = {
  id: "connections",
  needsDatabase: true,
  async run({ db, embeddedDatabase, databasePoolSize: pool }) {
    if (embeddedDatabase) return skipped("Not needed: the embedded database is one process's own.");
    const { most, used, own, addresses } = await inspectConnections(existing(db));
    const now = `${used} connections are in use, ${own} of them by Usher's database user${addresses > 1 ? ` from ${addresses} addresses` : ""}. Each process opens up to ${pool}, and the server allows ${most}`;
    const fits = Math.floor((most - spare) / pool);
    const enough = `, enough for ${counted(Math.max(fits, 0), "process", "processes")}.`;
    const fix = "Raise max_connections, lower DATABASE_POOL_SIZE, or put a pooler in between.";
    if (most - used < pool || used > most * 0.9) {
      return warning(`${now}: almost none are left.`, fix);
    }
    if (addresses * pool > most - spare) return warning(`${now}${enough}`, fix);
    return ok(now + enough);
  },
};

/** Checks that need the database run only if it is available. */
function existing(db: Database | null): Database {
  if (db === null) throw new Error("There is no database to ask.");
  return db;
}
