import { randomBytes } from "node:crypto";
import pg from "pg";
import { testServer } from "@/lib/calls/test-server";
import { sharedOwnerKey } from "@/lib/contracts/connections/account";
import { saveAuthorizedTokens } from "@/lib/db/stored-token-set";
import { insertUser } from "@/lib/db/user";
import { createServer } from "@/lib/servers/save";
import { sealTokens } from "@/lib/tokens/token-store";
import { type Installation, startInstallation, visitorFor } from "@/tests/support/installation";
import { announceCluster, startPostgres } from "@/tests/support/postgres";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";
import { bundle } from "./bundle.mjs";
import { Child } from "./child";
import type { Caller } from "./processes/callers";
import type { Era, LeanMcpServer } from "./processes/lean-mcp-server";
import type { Account, UsherProcess } from "./processes/usher";
import { assertCorrect } from "./row";

const day = 24 * 3_600_000;

export interface BenchInstallation extends Installation {
  admin: Visitor;
  adminId: string;
}

let cluster: ReturnType<typeof startPostgres> | null = null;

/** Usher on a database of its own in one Postgres, which all rows share. */
export async function install(): Promise<BenchInstallation> {
  cluster ??= startPostgres().then((started) => {
    announceCluster(started);
    return started;
  });
  const database = await (await cluster).createDatabase();
  const usher = await startInstallation({ database });
  const admin = await usher.join("ADMIN");
  return { ...usher, admin, adminId: admin.user.id };
}

export async function stopPostgres(): Promise<void> {
  await (await cluster)?.stop();
}

/** Runs a statement of the benchmark's own on a database of the installation. */
export async function sql<Row extends object>(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<Row>(statement, values);
    return rows;
  } finally {
    await client.end();
  }
}

/** What rows about calls share. Each part runs in its own process. */
export interface Stage {
  installation: BenchInstallation;
  server: Child<LeanMcpServer>;
  /** The admin's, which the MCP server accepts. Connected to a server, it is the shared one. */
  account: Account;
  startUsher(): Promise<Child<UsherProcess>>;
  /** Somebody else who calls. */
  startCaller(): Promise<Child<Caller>>;
  /** Registers the MCP server with the admin's account. @returns the server's id and URL */
  connect(era: Era): Promise<{ serverId: string; url: string }>;
  /** @throws Error unless exactly so many calls came since the counts were last taken, all with a token */
  assertCalls(sent: number): Promise<void>;
  /** Stops every process that was started here. */
  close(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  const names = ["processes/usher", "processes/callers", "processes/lean-mcp-server"];
  const file = await bundle("usher", names);
  const server = await Child.start<LeanMcpServer>(file("processes/lean-mcp-server"));
  const installation = await install();
  const account = { userId: installation.adminId, accessToken: newToken() };
  await server.run("acceptTokens", [account.accessToken]);
  const started: Pick<Child<UsherProcess>, "stop">[] = [server];
  const keep = <Started extends Pick<Child<UsherProcess>, "stop">>(child: Started) => {
    started.push(child);
    return child;
  };
  const { env } = installation;
  return {
    ...{ installation, server, account },
    startUsher: async () => keep(await Child.start<UsherProcess>(file("processes/usher"), { env })),
    startCaller: async () => keep(await Child.start<Caller>(file("processes/callers"))),
    connect: async (era) => {
      const url = await server.run("url", era);
      return { url, serverId: await registerServer(installation, url, [account]) };
    },
    assertCalls: async (sent) => {
      const { counts } = await server.run("takeCounts");
      const called = counts["POST tools/call"];
      assertCorrect(called === sent, `${called} of ${sent} calls reached the server`);
      assertCorrect(!counts.unauthorized, `${counts.unauthorized} requests without a token`);
    },
    close: async () => {
      await Promise.all(started.map((child) => child.stop()));
      await installation.close();
    },
  };
}

/** What the admin's browser would send with each request. */
export async function sessionCookie({ app, adminId }: BenchInstallation): Promise<string> {
  const user = await app.db.user.findUniqueOrThrow({ where: { id: adminId } });
  const { cookies } = await visitorFor(app, user);
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** Adds this many people, each with their own token. */
export async function addAccounts({ app }: BenchInstallation, count: number): Promise<Account[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const email = `caller-${number}-${newToken()}@example.com`;
      const columns = { email, name: `Caller ${number}`, role: "MEMBER" as const };
      const { id } = await insertUser(app.db, { ...columns, passwordHash: null });
      return { userId: id, accessToken: newToken() };
    }),
  );
}

let registered = 0;

/**
 * An MCP server whose accounts are connected, its tools read once as an admin does.
 *
 * @param accounts the admin's alone makes the account shared; others are each a person's own
 * @returns the server's id
 */
export async function registerServer(
  installation: BenchInstallation,
  url: string,
  accounts: readonly Account[],
): Promise<string> {
  const { app, adminId } = installation;
  registered += 1;
  const shared = accounts.length === 1 && accounts[0]?.userId === adminId;
  const client = {
    clientId: "bench",
    authorizationEndpoint: "http://127.0.0.1:9/authorize",
    tokenEndpoint: "http://127.0.0.1:9/token",
  };
  const input = serverInput({
    ...{ name: `Server ${registered}`, url, authentication: "OAUTH" },
    oauth: {
      ...client,
      clientSecret: "a secret of the benchmark",
      tokenSharing: shared ? "SHARED" : "PER_USER",
    },
  });
  const serverId = await createServer(app, input);
  const now = app.now();
  for (const { userId, accessToken } of accounts) {
    const owner = { serverId, ownerKey: shared ? sharedOwnerKey : userId };
    const tokens = sealTokens(app.keyring, owner, {
      ...{ accessToken, refreshToken: newToken(), tokenType: "Bearer", scope: null },
      ...{ expiresAt: new Date(now.getTime() + day), obtainedAt: now },
    });
    const { clientId, tokenEndpoint } = client;
    const named = {
      accountName: null,
      accountSource: null,
      grantType: "AUTHORIZATION_CODE" as const,
      consentId: null,
    };
    const grant = { clientId, tokenEndpoint, requestedScope: null, ...named };
    const row = { ...owner, ...grant, userId: shared ? null : userId, authorizedById: adminId };
    await app.db.$transaction((tx) => saveAuthorizedTokens(tx, row, tokens));
  }
  await readTools(installation, serverId, accounts[0]?.userId);
  return serverId;
}

/** Reads a server's tools once, as an admin does. */
export async function readTools(
  { app, adminId }: BenchInstallation,
  serverId: string,
  userId = adminId,
): Promise<void> {
  for await (const { state, message } of testServer(app, serverId, userId)) {
    if (state === "failed") throw new Error(message);
  }
}
