import { findAssistant } from "@/lib/db/assistant";
import { findConversation } from "@/lib/db/conversation";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findCatalogue } from "@/lib/db/tool-catalogue";
import { type TestServerContext, testServer } from "./test-server";

export type CatalogueRenewal =
  | { should: true; reason: "never_read" | "configuration_changed" | "outlived" }
  | { should: false; reason: "current" | "failed_lately" };

interface Read {
  fetchedAt: Date | null;
  ttlMs: number | null;
  serverVersion: number;
  lastErrorAt: Date | null;
}

/** After a failure a server is left alone for this long, unless an admin asks. */
const restAfterFailureMs = 10 * 60_000;

/** When the stored list of tools no longer counts. */
export function needsRenewal(
  catalogue: Read | null,
  serverVersion: number,
  now: Date,
): CatalogueRenewal {
  if (catalogue && catalogue.serverVersion !== serverVersion) {
    return { should: true, reason: "configuration_changed" };
  }
  const failedAt = catalogue?.lastErrorAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  if (now.getTime() - failedAt < restAfterFailureMs) {
    return { should: false, reason: "failed_lately" };
  }
  if (!catalogue?.fetchedAt) return { should: true, reason: "never_read" };
  const age = now.getTime() - catalogue.fetchedAt.getTime();
  if (catalogue.ttlMs !== null && age > catalogue.ttlMs)
    return { should: true, reason: "outlived" };
  return { should: false, reason: "current" };
}

/** For the servers of a conversation's assistant: those that say how long their list holds. */
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

/** Reads the tools anew where that is due. A failure is kept for the detail page; it stops nobody. */
export async function renewCatalogue(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
  because?: "connected",
): Promise<void> {
  const server = await findMcpServer(ctx.db, serverId);
  const catalogue = await findCatalogue(ctx.db, serverId);
  if (!server) return;
  const renewal = needsRenewal(catalogue, server.version, ctx.now());
  // What failed before may have failed for want of the consent that is there now.
  const mayWorkNow = because === "connected" && renewal.reason === "failed_lately";
  if (!renewal.should && !mayWorkNow) return;
  for await (const step of testServer(ctx, serverId, userId, { keepConnections: true })) {
    if (step.state === "failed") {
      ctx.log.warn({ serverId, step: step.step }, "the tools of a server could not be read");
    }
  }
}
