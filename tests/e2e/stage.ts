import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles, startTeamHandbook } from "@/demo/practice-files";
import { freePort, type NextServer, startNextServer } from "@/tests/e2e/next-server";
import { bundledFile } from "@/tests/support/bundled-file";
import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import { type PostgresCluster, startPostgres, type TestDatabase } from "@/tests/support/postgres";

export interface Account {
  email: string;
  password: string;
}

/** Usher built and served by Next, on a real Postgres. */
export interface Usher {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly database: TestDatabase;
  /** Everything that the server's process has written; after `start`, that of the new one. */
  readonly output: readonly string[];
  /** The server's process group. */
  readonly pid: number;
  /** Stops the server's process with SIGTERM, as a deployment does, or as told. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, with other variables if given. */
  start(env?: Record<string, string>): Promise<void>;
  /** For what no page can do, such as expiring a flow. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
}

/** Usher as `npm run demo` sets it up, with everything that it talks to. */
export interface Stage extends Usher {
  readonly cluster: PostgresCluster;
  readonly provider: AuthorizationServer;
  readonly handbook: PracticeMcpServer;
  readonly personal: PracticeMcpServer;
  /** Responds as `openai-compatible/practice-model`. */
  readonly model: OpenAiServer;
  /** Where the practice MCP servers keep their files. */
  readonly folder: string;
  readonly admin: Account;
  readonly member: Account;
  readonly handbookId: string;
  readonly personalId: string;
  /** Every token that the provider has issued. */
  readonly issuedTokens: ReadonlySet<string>;
  /** Undoes what a story did to provider and servers, and clears its attempts. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-e2e-"));
  const cluster = await startPostgres();
  const port = await freePort();
  const provider = await startAuthorizationServer({
    redirectUris: [`http://localhost:${port}/oauth/callback`],
  });
  const files = { provider, dataDir: folder, listsToolsOpenly: true };
  const handbook = await startTeamHandbook(files);
  const personal = await startPersonalFiles(files);
  const model = await startOpenAiServer(() => []);
  const admin = { email: "admin@usher.example", password: "correct horse battery" };
  const member = { email: "member@usher.example", password: "member horse battery" };
  const issuedTokens = new Set<string>();

  const { usher, close } = await openUsher(cluster, port, {
    env: {
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      OPENAI_COMPATIBLE_BASE_URL: model.url,
      OPENAI_COMPATIBLE_API_KEY: randomBytes(24).toString("base64url"),
    },
    prepare: (env) =>
      seedPractice(env, { provider, handbook, personal, memberPassword: member.password }),
  });
  const [handbookId, personalId] = await Promise.all([
    serverId(usher, "Team Handbook"),
    serverId(usher, "Personal Files"),
  ]);
  // Not spread: the process changes when it is restarted.
  return Object.assign(Object.create(usher) as Usher, {
    ...{ cluster, provider, handbook, personal, model, folder, admin, member },
    ...{ handbookId, personalId, issuedTokens },
    reset: async () => {
      provider.stopFailing();
      // Changes nothing in the responses, but sees their content.
      provider.failNextTokenRequests(Number.POSITIVE_INFINITY, {
        kind: "changed",
        change: (answer) => {
          for (const token of [answer.access_token, answer.refresh_token]) {
            if (typeof token === "string") issuedTokens.add(token);
          }
          return answer;
        },
      });
      provider.setAccessTokenLifetime(3_600);
      provider.setTokenEndpointLatency(0);
      provider.forgetRequests();
      for (const server of [handbook, personal]) {
        server.rejectTokensOnce(0);
        server.setLatency(0);
        server.forgetRequests();
      }
      model.setScript(() => []);
      await usher.query('DELETE FROM "RateLimit"');
      // They outlive their assistant, with the errors that an earlier story caused on purpose.
      await usher.query('DELETE FROM "Conversation"');
    },
    close: async () => {
      await close();
      await Promise.all([handbook.close(), personal.close(), provider.close(), model.close()]);
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

/** Usher on its own database, as after installation: no one has an account. */
export async function openEmptyUsher(
  cluster: PostgresCluster,
  options: { port?: number; env?: Record<string, string> } = {},
): Promise<{ usher: Usher; close(): Promise<void> }> {
  const { port = await freePort(), env = {} } = options;
  return openUsher(cluster, port, { env });
}

async function openUsher(
  cluster: PostgresCluster,
  port: number,
  options: {
    env: Record<string, string>;
    prepare?: (env: Record<string, string>) => Promise<void>;
  },
): Promise<{ usher: Usher; close(): Promise<void> }> {
  const database = await cluster.createDatabase();
  const url = `http://localhost:${port}`;
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    PUBLIC_URL: url,
    SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
    CRON_SECRET: randomBytes(32).toString("base64"),
    ALLOW_HTTP_LOOPBACK: "1",
    LOG_LEVEL: "debug",
    STDIO_SERVERS: "trusted",
    ...options.env,
  };
  await options.prepare?.(env);
  let next: NextServer = await startNextServer(port, env);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    usher: {
      ...{ url, env, database },
      get output() {
        return next.output;
      },
      get pid() {
        return next.pid;
      },
      stop: (signal) => next.stop(signal),
      start: async (changed = {}) => {
        next = await startNextServer(port, { ...env, ...changed });
      },
      query: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
        (await client.query<Row>(sql, values)).rows,
    },
    close: async () => {
      await next.stop();
      await client.end();
    },
  };
}

/** As the demo does it. */
async function seedPractice(
  env: Record<string, string>,
  practice: {
    provider: AuthorizationServer;
    handbook: PracticeMcpServer;
    personal: PracticeMcpServer;
    memberPassword: string;
  },
): Promise<void> {
  const { provider, handbook, personal, memberPassword } = practice;
  const ready = {
    ready: true,
    provider: {
      issuer: provider.issuer,
      authorizationUrl: provider.authorizationEndpoint,
      tokenUrl: provider.tokenEndpoint,
      revocationUrl: provider.revocationEndpoint,
      clientId: provider.clientId,
      postClientId: provider.postClientId,
      scope: "files:read files:write",
    },
    handbook: { url: handbook.url },
    personal: { url: personal.url },
  };
  await promisify(execFile)(process.execPath, [bundledFile("seed-practice")], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      ...env,
      DEMO_PRACTICE: JSON.stringify(ready),
      DEMO_CLIENT_SECRET: provider.clientSecret,
      DEMO_MEMBER_PASSWORD: memberPassword,
    },
  });
}

async function serverId(usher: Usher, name: string): Promise<string> {
  const [row] = await usher.query<{ id: string }>('SELECT id FROM "McpServer" WHERE name = $1', [
    name,
  ]);
  if (!row) throw new Error(`No MCP server is called ${name}.`);
  return row.id;
}
