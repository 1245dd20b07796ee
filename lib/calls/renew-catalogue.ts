import { callsWork, standingOf } from "@/lib/contracts/connections/connection-standing";
import { findAssistant } from "@/lib/db/assistant";
import { findConversation } from "@/lib/db/conversation";
import { findMcpServer, type McpServerRow } from "@/lib/db/mcp-server";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { findCatalogue, saveCatalogueError } from "@/lib/db/tool-catalogue";
import { needsRenewal, type ReadingAccount } from "@/lib/servers/catalogue-renewal";
import { ownerKeyOf } from "@/lib/servers/open-endpoint";
import { connectionFacts } from "@/lib/tokens/connection-view";
import { type TestServerContext, testServer, testUnderKey } from "./test-server";

/** The servers of a conversation's assistant whose tool list is due. */
export async function renewCataloguesOf(
  ctx: TestServerContext,
  conversation: { id: string; userId: string },
): Promise<void> {
  const row = await findConversation(ctx.db, conversation);
  const assistant = row?.assistantId ? await findAssistant(ctx.db, row.assistantId) : null;
  for (const { serverId } of assistant?.servers ?? []) {
    await renewCatalogue(ctx, serverId, conversation.userId);
  }
}

/**
 * Reads the tools again if due, once for all who ask meanwhile. A failure is stored for the server's page;
 * it stops nobody.
 */
export async function renewCatalogue(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
): Promise<void> {
  const server = await findMcpServer(ctx.db, serverId);
  if (!server) return;
  const catalogue = await findCatalogue(ctx.db, serverId);
  const account = await readingAccount(ctx, server, userId);
  if (!needsRenewal(catalogue, server, account, ctx.now()).should) return;

  const owner = ownerKeyOf(server, userId);
  const key = JSON.stringify(["renewal", serverId, owner, server.version]);
  await testUnderKey(ctx.testsUnderWay, key, () => read(ctx, server, userId)).ended;
}

async function* read(ctx: TestServerContext, server: McpServerRow, userId: string) {
  for await (const step of testServer(ctx, server.id, userId, { keepConnections: true })) {
    if (step.state === "failed") {
      const { id: serverId, version } = server;
      ctx.log.warn({ serverId, step: step.step }, "the tools of a server could not be read");
      // A server that cannot be opened is not reported by the test, and would be read again and again.
      await saveCatalogueError(ctx.db, serverId, version, step.message, ctx.now());
    }
    yield step;
  }
}

async function readingAccount(
  ctx: TestServerContext,
  server: McpServerRow,
  userId: string,
): Promise<ReadingAccount> {
  if (!server.oauthClient) return { state: "not_needed" };
  const owner = { serverId: server.id, ownerKey: ownerKeyOf(server, userId) };
  const tokens = await findTokenSet(ctx.db, owner);
  const works = callsWork(standingOf(tokens && connectionFacts(tokens), ctx.now()));
  return tokens && works ? { state: "works", since: tokens.obtainedAt } : { state: "missing" };
}
