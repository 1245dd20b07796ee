import { afterEach, beforeEach, expect, it } from "vitest";
import { findAccessOfCall } from "@/lib/db/accounts/access";
import { findPersonalKey } from "@/lib/db/accounts/personal-key";
import { findPresentedKey } from "@/lib/db/api/api-key";
import { createDatabase, type Database } from "@/lib/db/client";
import { readStopRequest } from "@/lib/db/conversation";
import { listConnectedServers, listMcpServers } from "@/lib/db/lists/mcp-servers";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findServerToCall, listAccountsToUse } from "@/lib/db/servers/server-to-call";
import { findOpenSession } from "@/lib/db/session";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { createServer } from "@/lib/servers/save";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";

let usher: Installation;
/** Over one connection, so that whatever happens to it happens to every statement. */
let db: Database;
let serverId: string;

beforeEach(async () => {
  usher = await startInstallation();
  serverId = await createServer(usher.app, serverInput({ url: "https://mcp.example.com/mcp" }));
  db = createDatabase(usher.app.env.databaseUrl, { connections: 1 });
});
afterEach(async () => {
  await db.$disconnect();
  await usher.close();
});

const read = () => findMcpServer(db, serverId);
const preparedStatements = () =>
  db.$queryRaw<{ name: string; statement: string }[]>`
    SELECT "name", "statement" FROM pg_prepared_statements WHERE "name" LIKE 'usher%'`;

it("disconnects once, however often that is requested", async () => {
  await read();
  await Promise.all([db.$disconnect(), db.$disconnect()]);
  await db.$disconnect();
});

it("prepares a statement once per connection", async () => {
  await read();
  await read();
  expect(await preparedStatements()).toHaveLength(1);
});

it("has no statement planned again at each call", async () => {
  const userId = "a person";
  const owner = { serverId, userId, ownerKey: "shared" };
  const readsByKey = [
    read,
    () => findOpenSession(db, "a session"),
    () => findPresentedKey(db, "a hash"),
    () => listMcpServers(db, userId),
    () => listConnectedServers(db, userId),
    () => findServerToCall(db, serverId, userId),
    () => listAccountsToUse(db, serverId, userId),
    () => findTokenSet(db, owner),
    () => findPersonalKey(db, owner),
    () => findAccessOfCall(db, userId, { serverId, assistantId: null }),
    () => readStopRequest(db, { conversationId: "a conversation", turnId: "a turn" }),
  ];
  // Postgres plans five times before it compares what a plan for all values would cost.
  for (let calls = 0; calls < 8; calls += 1) for (const each of readsByKey) await each();
  const plans = await db.$queryRaw<{ custom: number; generic: number }[]>`
    SELECT "custom_plans"::int AS "custom", "generic_plans"::int AS "generic"
    FROM pg_prepared_statements WHERE "name" LIKE 'usher%'`;
  expect(plans).toEqual(readsByKey.map(() => ({ custom: 5, generic: 3 })));
});

it("continues reading if a pooler provides a connection that has not prepared its statement", async () => {
  await read();
  await db.$executeRaw`DEALLOCATE ALL`;
  expect(await read()).toMatchObject({ id: serverId });
  expect(await preparedStatements()).toEqual([]);
});

it("continues reading if another client of a pooler has prepared the same statement", async () => {
  await read();
  const [prepared] = await preparedStatements();
  await db.$disconnect();
  db = createDatabase(usher.app.env.databaseUrl, { connections: 1 });
  await db.$executeRawUnsafe(`PREPARE ${prepared?.name} AS ${prepared?.statement}`);
  expect(await read()).toMatchObject({ id: serverId });
});

it("continues reading after a migration has changed a table in a running process", async () => {
  await read();
  await db.$executeRaw`ALTER TABLE "McpServer" ADD COLUMN "later" text DEFAULT 'new'`;
  expect(await read()).toMatchObject({ id: serverId, later: "new" });
});
