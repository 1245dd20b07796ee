import type { Database } from "@/lib/db/client";
import { setSwitchedOff } from "@/lib/db/mcp-server";
import { NotFoundError } from "@/lib/errors";
import type { ForgetServer } from "./open-endpoint";

/** Who does it, for the audit. Null: the command line. */
interface SwitchedBy {
  actorId: string | null;
  actorEmail: string | null;
  ipAddress?: string | null;
  details: Record<string, string>;
}

/**
 * When off, no assistant has its tools and every call is refused, at other replicas within three seconds. Its
 * accounts stay connected and are refreshed, so that no one has to consent again once it is on. A server already in
 * that state is left unchanged.
 *
 * @throws NotFoundError it was deleted
 */
export async function switchServer(
  ctx: { db: Database; now: () => Date; forget: ForgetServer },
  serverId: string,
  on: boolean,
  by: SwitchedBy,
): Promise<void> {
  const action = on ? "server.switch-on" : "server.switch-off";
  const eventOf = ({ name }: { name: string }) => ({ action, serverId, serverName: name, ...by });
  const found = await setSwitchedOff(ctx.db, serverId, on ? null : ctx.now(), eventOf);
  if (!found) throw new NotFoundError("This MCP server was deleted.");
  ctx.forget(serverId);
}
