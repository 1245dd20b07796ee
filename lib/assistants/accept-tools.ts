import type { AssistantInput } from "@/lib/contracts/assistant";
import { ownValue } from "@/lib/contracts/own-value";
import type { CatalogueTool } from "@/lib/contracts/servers/catalogue";
import {
  type AcceptedTool,
  type AssistantRow,
  acceptTools,
  claimFirstList,
} from "@/lib/db/assistant";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { toolsOf } from "@/lib/servers/view";
import { fingerprint } from "./tool-definition";

export type AssistantServerRow = AssistantRow["servers"][number];

export function acceptable(tool: CatalogueTool): AcceptedTool {
  return { toolName: tool.name, fingerprint: fingerprint(tool), definition: tool };
}

/**
 * The first list that a choice of tools meets is what was chosen: it is kept as accepted, once. A
 * server whose tools were never read has no list yet.
 */
export async function acceptFirstLists(
  ctx: { db: Database; now: () => Date },
  row: AssistantRow,
): Promise<void> {
  for (const server of row.servers.filter(needsFirstList)) {
    await ctx.db.$transaction((tx) => acceptFirstList(tx, server, ctx.now()));
  }
}

export function needsFirstList({ toolsAcceptedAt, server }: AssistantServerRow): boolean {
  return toolsAcceptedAt === null && server.catalogue?.fetchedAt != null;
}

export async function acceptFirstList(
  tx: DatabaseTransaction,
  { assistantId, serverId, server }: AssistantServerRow,
  now: Date,
): Promise<void> {
  const key = { assistantId, serverId };
  if (!server.catalogue || !(await claimFirstList(tx, key, now))) return;
  await acceptTools(tx, key, toolsOf(server.catalogue).map(acceptable), now);
}

/** What a saved form accepts. A tool that the server changed under the form stays to be looked at. */
export async function acceptSeen(
  tx: DatabaseTransaction,
  { assistantId, serverId, server }: AssistantServerRow,
  choice: AssistantInput["servers"][number],
  now: Date,
): Promise<void> {
  const accepted = (server.catalogue ? toolsOf(server.catalogue) : []).filter(
    (tool) => ownValue(choice.acceptedTools, tool.name) === fingerprint(tool),
  );
  await acceptTools(tx, { assistantId, serverId }, accepted.map(acceptable), now);
}
