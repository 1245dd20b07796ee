import { type AccessUser, decideFor } from "@/lib/access/read-access";
import type { AssistantSummary } from "@/lib/contracts/assistant";
import type { Database } from "@/lib/db/client";
import { listAssistants } from "@/lib/db/lists/assistants";

/** By name: the assistants that this person may use, with those of their servers that they may use. */
export async function viewAssistants(db: Database, user: AccessUser): Promise<AssistantSummary[]> {
  const rows = await listAssistants(db, user.id);
  return rows
    .filter((row) => decideFor(user, row).may)
    .map(({ id, name, description, servers }) => ({
      ...{ id, name, description },
      serverNames: servers.filter((each) => decideFor(user, each).may).map((each) => each.name),
    }));
}
