import { isReadOnly } from "@/lib/contracts/servers/catalogue";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import { findPersonalKey, saveKeyAccount } from "@/lib/db/accounts/personal-key";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findCatalogue } from "@/lib/db/tool-catalogue";
import { nameInToolAnswer } from "@/lib/oauth/account/account-name";
import { toolsOf } from "@/lib/servers/view";
import { renewCatalogue } from "./renew-catalogue";
import { targetFor } from "./target";
import type { TestServerContext } from "./test-server";

/** In ms. */
const timeLimitMs = 10_000;

/**
 * Asks the tool that an admin named whose account this is. It is called only while its
 * server marks it as read-only, and without arguments. Null: none is named, or it does not say.
 *
 * @param account of this person; null: the one that their calls use
 * @throws UsherError like a call
 */
export async function askAccountTool(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
  account: string | null = null,
): Promise<string | null> {
  const server = await findMcpServer(ctx.db, serverId);
  const name = server && readSettings(serverSettings, server.settings).accountTool;
  if (!name) return null;
  // At the first consent no one has read the tools yet.
  await renewCatalogue(ctx, serverId, userId);
  const catalogue = await findCatalogue(ctx.db, serverId);
  const tool = catalogue && toolsOf(catalogue).find((each) => each.name === name);
  if (!tool || !isReadOnly(tool)) {
    ctx.log.info({ serverId }, "the account tool is not among the server's read-only tools");
    return null;
  }
  const target = await targetFor(ctx, serverId, userId, { account, orAny: true });
  if (target.notConnected) return null;
  const signal = AbortSignal.timeout(timeLimitMs);
  const { isError, content, structuredContent } = await ctx.mcp.callTool(target, {
    ...{ name, input: {}, signal },
  });
  if (isError) return null;
  const text = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return nameInToolAnswer({ structuredContent, text });
}

/** After a key was saved. No one waits for it, and its failure affects nothing. */
export async function nameKeyOwner(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
): Promise<void> {
  const key = await findPersonalKey(ctx.db, { serverId, userId });
  if (!key) return;
  try {
    const name = await askAccountTool(ctx, serverId, userId);
    if (name !== null) await saveKeyAccount(ctx.db, key, name);
  } catch (error) {
    // Only its kind: a server's text may name people.
    const kind = error instanceof Error ? error.name : typeof error;
    ctx.log.info({ serverId, kind }, "whose key it is could not be learned");
  }
}
