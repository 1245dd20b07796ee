import type { Database } from "@/lib/db/client";
import { setSwitchedOff } from "@/lib/db/mcp-server";
import { NotFoundError } from "@/lib/errors";
import type { ForgetServer } from "./open-endpoint";

/**
 * Off, no assistant has its tools and every call is refused, at other replicas within three seconds. Its
 * accounts stay connected and are refreshed, so that nobody has to consent again once it is on.
 *
 * @returns `changed` false: it was so before
 * @throws NotFoundError it was deleted
 */
export async function switchServer(
  ctx: { db: Database; now: () => Date; forget: ForgetServer },
  serverId: string,
  on: boolean,
): Promise<{ name: string; changed: boolean }> {
  const row = await setSwitchedOff(ctx.db, serverId, on ? null : ctx.now());
  if (!row) throw new NotFoundError("This MCP server was deleted.");
  ctx.forget(serverId);
  return row;
}
