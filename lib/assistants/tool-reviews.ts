import { isReadOnly } from "@/lib/contracts/servers/catalogue";
import type {
  AcceptToolsInput,
  ServerToolReviews,
  ToolReview,
} from "@/lib/contracts/servers/tool-policy";
import { listAssistantsOf } from "@/lib/db/assistant";
import { acceptTools, listAcceptedDefinitions } from "@/lib/db/assistant-tool";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { findCatalogue } from "@/lib/db/tool-catalogue";
import { ConflictError } from "@/lib/errors";
import { toolsOf } from "@/lib/servers/view";
import { type AssistantServerRow, acceptable } from "./accept-tools";
import { toolChanges } from "./tool-changes";
import { fingerprint, standingOf } from "./tool-definition";

/** The tools of one server of an assistant that are not as they were accepted. */
export async function reviewTools(
  db: Database | DatabaseTransaction,
  row: AssistantServerRow,
): Promise<ToolReview[]> {
  const { assistantId, serverId, toolsAcceptedAt, server } = row;
  const tools = server.catalogue ? toolsOf(server.catalogue) : [];
  const unaccepted = tools.flatMap((tool) => {
    const standing = standingOf(tool, row);
    return standing === "accepted" ? [] : [{ tool, standing }];
  });
  if (unaccepted.length === 0) return [];
  const toolNames = unaccepted.map(({ tool }) => tool.name);
  const accepted = new Map(
    (await listAcceptedDefinitions(db, { assistantId, serverId, toolNames })).map((each) => [
      each.toolName,
      each,
    ]),
  );
  return unaccepted.map(({ tool, standing }) => {
    const before = accepted.get(tool.name);
    return {
      toolName: tool.name,
      title: tool.title,
      standing,
      since: (before?.acceptedAt ?? toolsAcceptedAt)?.toISOString() ?? null,
      fingerprint: fingerprint(tool),
      readOnly: isReadOnly(tool),
      changes: standing === "changed" ? toolChanges(before?.acceptedDefinition, tool) : [],
    };
  });
}

/** For the server's page: each difference once, with the assistants that it is one for. */
export async function reviewServerTools(
  db: Database,
  serverId: string,
): Promise<ServerToolReviews> {
  const reviews = new Map<string, ServerToolReviews["reviews"][number]>();
  for (const assistant of await listAssistantsOf(db, serverId)) {
    const row = assistant.servers.find((each) => each.serverId === serverId);
    for (const review of row ? await reviewTools(db, row) : []) {
      if (!row || !isOffered(row, review.toolName)) continue;
      const { since, ...same } = review;
      const key = JSON.stringify(same);
      const assistantNames = [...(reviews.get(key)?.assistantNames ?? []), assistant.name];
      reviews.set(key, { ...same, since: reviews.get(key)?.since ?? since, assistantNames });
    }
  }
  return { reviews: [...reviews.values()] };
}

/**
 * Takes these definitions for what all assistants with this server may go by.
 * @throws ConflictError the server has changed one again since it was looked at; nothing is accepted
 */
export async function acceptServerTools(
  ctx: { db: Database; now: () => Date },
  serverId: string,
  { tools }: AcceptToolsInput,
): Promise<void> {
  const catalogue = await findCatalogue(ctx.db, serverId);
  const listed = catalogue ? toolsOf(catalogue).map(acceptable) : [];
  const accepted = tools.map(({ toolName, fingerprint: seen }) => {
    const tool = listed.find((each) => each.toolName === toolName && each.fingerprint === seen);
    if (!tool) {
      throw new ConflictError(
        `The server has changed ${toolName} again. Reload the page and look at it once more.`,
      );
    }
    return tool;
  });
  await acceptTools(ctx.db, { serverId }, accepted, ctx.now());
}

function isOffered({ allTools, toolNames, tools }: AssistantServerRow, toolName: string): boolean {
  const policy = tools.find((tool) => tool.toolName === toolName)?.policy;
  return policy !== "NEVER" && (allTools || toolNames.includes(toolName));
}
