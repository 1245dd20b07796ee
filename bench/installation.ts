import { randomBytes } from "node:crypto";
import { testServer } from "@/lib/calls/test-server";
import { saveAuthorizedTokens, sharedOwnerKey } from "@/lib/db/stored-token-set";
import { insertUser } from "@/lib/db/user";
import { createServer } from "@/lib/servers/save";
import { sealTokens } from "@/lib/tokens/token-store";
import { type Installation, startInstallation, visitorFor } from "@/tests/support/installation";
import { announceCluster, startPostgres } from "@/tests/support/postgres";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";
import type { Account } from "./processes/usher";

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
  await cluster;
  const usher = await startInstallation();
  const admin = await usher.join("ADMIN");
  return { ...usher, admin, adminId: admin.user.id };
}

export async function stopPostgres(): Promise<void> {
  await (await cluster)?.stop();
}

/** What the admin's browser would send with each request. */
export async function sessionCookie({ app, adminId }: BenchInstallation): Promise<string> {
  const user = await app.db.user.findUniqueOrThrow({ where: { id: adminId } });
  const { cookies } = await visitorFor(app, user);
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** So many people of this installation, each with a token that the MCP server will take. */
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

export interface Registration {
  url: string;
  /** One with the admin's id makes the account shared; others are each a person's own. */
  accounts: readonly Account[];
}

let registered = 0;

/** An MCP server whose accounts are connected, its tools read once as an admin does. */
export async function registerServer(
  { app, adminId }: BenchInstallation,
  { url, accounts }: Registration,
): Promise<string> {
  registered += 1;
  const shared = accounts.length === 1 && accounts[0]?.userId === adminId;
  const client = {
    clientId: "bench",
    authorizationEndpoint: "http://127.0.0.1:9/authorize",
    tokenEndpoint: "http://127.0.0.1:9/token",
  };
  const input = serverInput({
    name: `Server ${registered}`,
    url,
    authentication: "OAUTH",
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
      accessToken,
      refreshToken: newToken(),
      tokenType: "Bearer",
      scope: null,
      expiresAt: new Date(now.getTime() + day),
      obtainedAt: now,
    });
    const { clientId, tokenEndpoint } = client;
    const grant = { clientId, tokenEndpoint, requestedScope: null, accountName: null };
    const row = { ...owner, ...grant, userId: shared ? null : userId, authorizedById: adminId };
    await app.db.$transaction((tx) => saveAuthorizedTokens(tx, row, tokens));
  }
  const [first] = accounts;
  for await (const { state, message } of testServer(app, serverId, first?.userId ?? adminId)) {
    if (state === "failed") throw new Error(message);
  }
  return serverId;
}
