import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import type { SchemaEngine, SchemasContainer } from "@prisma/schema-engine-wasm";
import pg from "pg";

interface EngineModule {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  SchemaEngine: typeof SchemaEngine;
}

export interface EngineDatabases {
  /** Where migrations are applied, or whose tables are compared. */
  databaseUrl: string;
  /** An empty database that the engine may fill to learn the result of the migrations. */
  shadowDatabaseUrl?: string;
}

/** The engine's filter that excludes nothing. */
export const everyTable = { externalTables: [], externalEnums: [] };

/**
 * Opens Prisma's schema engine as WebAssembly: the same engine and the same bookkeeping as
 * `prisma migrate`, without a native binary to download.
 *
 * @throws what the engine throws: `migrationProblem` describes it.
 */
export function withSchemaEngine<T>(
  databases: EngineDatabases,
  schema: SchemasContainer,
  use: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  // The WebAssembly module has one memory: two engines at once make it panic.
  const turn = lastTurn.then(() => openSchemaEngine(databases, schema, use));
  lastTurn = turn.then(
    () => undefined,
    () => undefined,
  );
  return turn;
}

let lastTurn: Promise<void> = Promise.resolve();

async function openSchemaEngine<T>(
  databases: EngineDatabases,
  schema: SchemasContainer,
  use: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await loadEngineModule();
  const datamodels = schema.files.map(({ path, content }): [string, string] => [path, content]);
  const pools: pg.Pool[] = [];
  const adapter = bindMigrationAwareSqlAdapterFactory(adapterFactory(databases, pools));
  try {
    const engine = await SchemaEngine.new({ datamodels }, () => undefined, adapter);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } catch (error) {
    // What the engine could not read itself, it keeps separately under a number.
    const id = /External error id#(\d+)/.exec(String(error))?.[1];
    throw (id && adapter.errorRegistry.consumeError(Number(id))?.error) || error;
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
}

/** The SQL that takes the engine's database to what `schema` describes; null if the two agree. */
export async function sqlFromDatabase(
  engine: SchemaEngine,
  schema: SchemasContainer,
): Promise<string | null> {
  const { stdout, exitCode } = await engine.diff({
    from: { tag: "schemaDatasource", ...schema, configDir: "." },
    to: { tag: "schemaDatamodel", ...schema },
    script: true,
    exitCode: true,
    filters: everyTable,
  });
  return exitCode === 0 ? null : stdout;
}

function adapterFactory(
  { databaseUrl, shadowDatabaseUrl }: EngineDatabases,
  pools: pg.Pool[],
): SqlMigrationAwareDriverAdapterFactory {
  const connect = async (connectionString: string): Promise<SqlDriverAdapter> => {
    // One connection: the engine's advisory lock belongs to a session, and so do the statements it protects.
    const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 10_000 });
    pool.on("error", () => undefined);
    pools.push(pool);
    const factory = new PrismaPg(pool, schemaOption(connectionString));
    const adapter = await factory.connect();
    passCharColumns(pool, adapter);
    // The adapter's own splits a script at every semicolon, which cuts function bodies apart and
    // leaves half a migration behind when a statement fails. As one simple query, Postgres runs it
    // in one transaction.
    adapter.executeScript = async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
    };
    return adapter;
  };
  return {
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    connect: () => connect(databaseUrl),
    connectToShadowDb: () => {
      if (!shadowDatabaseUrl) throw new Error("No shadow database was given.");
      return connect(shadowDatabaseUrl);
    },
  };
}

/**
 * Postgres' catalogue has columns of type "char", which the engine queries and the adapter rejects:
 * let the adapter treat them as text, and tell the engine what they are.
 */
function passCharColumns(pool: pg.Pool, adapter: SqlDriverAdapter): void {
  const charColumns = new AsyncLocalStorage<number[]>();
  const { CHAR, TEXT } = pg.types.builtins;
  const query = pool.query.bind(pool) as (
    config: pg.QueryArrayConfig,
  ) => Promise<pg.QueryArrayResult>;
  const queryWithoutChar = async (config: pg.QueryArrayConfig) => {
    const result = await query(config);
    result.fields?.forEach((field, column) => {
      if (field.dataTypeID !== CHAR) return;
      field.dataTypeID = TEXT;
      charColumns.getStore()?.push(column);
    });
    return result;
  };
  pool.query = queryWithoutChar as typeof pool.query;

  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (params) => {
    const columns: number[] = [];
    const result = await charColumns.run(columns, () => queryRaw(params));
    for (const column of columns) result.columnTypes[column] = ColumnTypeEnum.Character;
    return result;
  };
}

/** `?schema=` is Prisma's own addition to a connection string, which `pg` does not know. */
function schemaOption(connectionString: string): { schema?: string } {
  const schema = new URL(connectionString).searchParams.get("schema");
  return schema ? { schema } : {};
}

let engineModule: Promise<EngineModule> | undefined;

function loadEngineModule(): Promise<EngineModule> {
  engineModule ??= instantiateEngine();
  return engineModule;
}

/** What the package's own entry does for bundlers, and Node 20 cannot: import a .wasm file. */
async function instantiateEngine(): Promise<EngineModule> {
  // Where the engine leaves its last message when it panics.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: giveUp } });
  const glue = "@prisma/schema-engine-wasm/schema_engine_bg";
  const module: EngineModule & WebAssembly.ModuleImports = await import(glue);
  const folder = path.dirname(createRequire(import.meta.url).resolve(glue));
  const compiled = await WebAssembly.compile(
    readFileSync(path.join(folder, "schema_engine_bg.wasm")),
  );
  const instance = await WebAssembly.instantiate(compiled, {
    "./schema_engine_bg.js": { ...module, ...unheldTimers(module) },
  });
  module.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return module;
}

/**
 * The engine limits its wait for the advisory lock with a timer of 10 s that it never clears;
 * no process should stay alive for that.
 */
function unheldTimers(module: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const start = (callback: () => void, ms: number) => void setTimeout(callback, ms).unref();
  const names = Object.keys(module).filter((name) => name.startsWith("__wbg_setTimeout_"));
  return Object.fromEntries(names.map((name) => [name, start]));
}

function giveUp(lastWords: string): never {
  throw new Error(`The schema engine gave up: ${lastWords}`);
}
