import type { Database } from "@/lib/db/client";
import { type DatabaseServer, inspectServer } from "@/lib/db/inspection/server";
import type { Env } from "@/lib/env";
import type { OutboundFetch } from "@/lib/net/fetch";
import { type AskedHost, askHosts } from "./asked-hosts";
import { askOwnAddress, type OwnAddress } from "./own-address";

/** What can be checked without a valid configuration. */
export interface DatabaseRun {
  now: () => Date;
  /** Where the process runs; the embedded database's folder is below it. */
  folder: string;
  databaseUrl: string | null;
  embeddedDatabase: boolean;
  databasePoolSize: number;
  db: Database | null;
  /** Queried once for all checks. @throws what the database's driver throws */
  server(): Promise<DatabaseServer & { aheadMs: number }>;
}

/** One run of all checks. What several of them need is requested once. */
export interface DoctorRun extends DatabaseRun {
  db: Database;
  env: Env;
  operatorFetch: typeof fetch | null;
  guardedModelFetch: typeof fetch;
  /** The requester: the headers of the page's request, or none from a terminal. */
  requestHeaders: Headers | null;
  /** This process's, if it is the server. */
  instanceId: string | null;
  ownAddress(): Promise<OwnAddress>;
  hosts(): Promise<AskedHost[]>;
}

export interface DoctorContext {
  env: Env;
  db: Database;
  outbound: OutboundFetch;
  operatorFetch: typeof fetch | null;
  guardedModelFetch: typeof fetch;
  now: () => Date;
  instanceId: string;
}

export interface Asker {
  /** From the page's request; null: a terminal. */
  requestHeaders: Headers | null;
  /** For a person who may see this server's hosts and no others. */
  serverId?: string;
}

export function databaseRun(of: Omit<DatabaseRun, "server" | "folder">): DatabaseRun {
  const { db, now } = of;
  const server = once(async () => {
    if (db === null) throw new Error("There is no database to ask.");
    return inspectServer(db, () => now().getTime());
  });
  return { ...of, folder: process.cwd(), server };
}

export function doctorRun(ctx: DoctorContext, asker: Asker): DoctorRun {
  const { env, db, outbound, operatorFetch, guardedModelFetch, now } = ctx;
  return {
    ...databaseRun({ ...env, db, now }),
    ...{ env, db, operatorFetch, guardedModelFetch },
    requestHeaders: asker.requestHeaders,
    instanceId: asker.requestHeaders && ctx.instanceId,
    ownAddress: once(() => askOwnAddress(env, now)),
    hosts: once(() => askHosts({ db, outbound, now, serverId: asker.serverId ?? null })),
  };
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () => {
    asked ??= ask();
    return asked;
  };
}
