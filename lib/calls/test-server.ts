import type { TestStep } from "@/lib/contracts/servers/catalogue";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { saveCatalogue, saveCatalogueError } from "@/lib/db/tool-catalogue";
import type { McpConnections } from "@/lib/mcp/connections";
import type { McpTarget } from "@/lib/mcp/target";
import { testConnection } from "@/lib/mcp/test-connection";
import { checkUrl, type OutboundPolicy } from "@/lib/net/outbound-policy";
import { type EndpointCache, ownerKeyOf } from "@/lib/servers/open-endpoint";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { targetFor } from "./target";
import { type TestUnderWay, testUnderKey } from "./tests-under-way";

export interface TestServerContext extends RefreshContext {
  mcp: McpConnections;
  endpointCache: EndpointCache;
  rules: { outboundPolicy: OutboundPolicy };
  /** Of this process, by server, account and version of the configuration. */
  testsUnderWay: Map<string, TestUnderWay>;
}

/**
 * As `testServer` does. Who asks while the same account is being tested follows that test, so that
 * impatient clicks do not start ten connections at once.
 */
export async function* testServerOnce(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
): AsyncGenerator<TestStep> {
  const server = await findMcpServer(ctx.db, serverId);
  const key = JSON.stringify([serverId, server && ownerKeyOf(server, userId), server?.version]);
  const run = (signal: AbortSignal) => testServer(ctx, serverId, userId, { signal });
  yield* testUnderKey(ctx.testsUnderWay, key, run).follow();
}

/** Connects as this person would, reads the tools and keeps them. Tells each step. */
export async function* testServer(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
  options: { signal?: AbortSignal; keepConnections?: boolean } = {},
): AsyncGenerator<TestStep> {
  yield* testConnection({
    loadTarget: () => targetToTest(ctx, serverId, userId),
    checkUrl: (url) => checkUrl(url, ctx.rules.outboundPolicy),
    mcp: ctx.mcp,
    save: async ({ tools, serverInfo, discovery, ttlMs }, target) => {
      const read = { tools, serverInfo, discovery, ttlMs, serverVersion: target.version };
      await saveCatalogue(ctx.db, serverId, read, ctx.now());
      await target.bearer?.accepted?.();
    },
    saveFailure: (message, target) =>
      saveCatalogueError(ctx.db, serverId, target.version, message, ctx.now()),
    log: ctx.log,
    ...options,
  });
}

async function targetToTest(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
): Promise<McpTarget> {
  const target = await targetFor(ctx, serverId, userId, true);
  if (!target.bearer || (await findTokenSet(ctx.db, target))) return target;
  return { ...target, bearer: null, notConnected: true };
}
