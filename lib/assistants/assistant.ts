import type {
  AssistantDetail,
  AssistantInput,
  AssistantSummary,
  ToolLeftOut,
} from "@/lib/contracts/assistant";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";
import {
  type AssistantColumns,
  type AssistantRow,
  findAssistant,
  insertAssistant,
  setToolPolicies,
  updateAssistant,
} from "@/lib/db/assistant";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { toolsOf } from "@/lib/servers/view";
import { acceptFirstList, acceptSeen, needsFirstList } from "./accepted-tools";
import { reviewTools } from "./tool-reviews";

export function viewAssistantSummary(row: AssistantRow): AssistantSummary {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    serverNames: row.servers.map(({ server }) => server.name),
  };
}

export async function viewAssistant(
  db: Database | DatabaseTransaction,
  row: AssistantRow,
  toolsLeftOut: (row: AssistantRow) => ToolLeftOut[] = () => [],
): Promise<AssistantDetail> {
  const reviews = new Map<string, ToolReview[]>();
  for (const server of row.servers) {
    reviews.set(server.serverId, await reviewTools(db, server));
  }
  return {
    ...viewAssistantSummary(row),
    instructions: row.instructions,
    model: row.model,
    servers: row.servers.map(({ serverId, allTools, toolNames, tools, server }) => {
      const listed = new Set(
        server.catalogue ? toolsOf(server.catalogue).map((tool) => tool.name) : [],
      );
      return {
        serverId,
        serverName: server.name,
        allTools,
        toolNames,
        toolPolicies: Object.fromEntries(
          tools.flatMap(({ toolName, policy }) => (policy ? [[toolName, policy]] : [])),
        ),
        toolReviews: reviews.get(serverId) ?? [],
        missingToolNames: allTools ? [] : toolNames.filter((name) => !listed.has(name)),
      };
    }),
    toolsLeftOut: toolsLeftOut(row),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export interface AssistantContext {
  db: Database;
  now: () => Date;
  /** Why a model's name cannot be used; null if it can. */
  modelProblem(model: string): string | null;
  /** Its tools that its model cannot be offered, with the reasons; absent: nobody asks. */
  toolsLeftOut?: (row: AssistantRow) => ToolLeftOut[];
}

export function createAssistant(
  ctx: AssistantContext,
  input: AssistantInput,
): Promise<AssistantDetail> {
  const columns = columnsOf(ctx, input);
  return save(ctx, input, (tx) => insertAssistant(tx, columns));
}

export function changeAssistant(
  ctx: AssistantContext,
  id: string,
  input: AssistantInput,
): Promise<AssistantDetail> {
  const columns = columnsOf(ctx, input);
  return save(ctx, input, (tx) => updateAssistant(tx, id, columns));
}

/** In one transaction: tools never exist without the decisions about them. */
async function save(
  ctx: AssistantContext,
  input: AssistantInput,
  write: (tx: DatabaseTransaction) => Promise<Saved>,
): Promise<AssistantDetail> {
  return ctx.db.$transaction(async (tx) => {
    const row = saved(await write(tx));
    for (const server of row.servers) {
      const { assistantId, serverId } = server;
      const choice = input.servers.find((each) => each.serverId === serverId);
      if (choice?.toolPolicies) {
        await setToolPolicies(tx, { assistantId, serverId }, choice.toolPolicies);
      }
      if (needsFirstList(server)) await acceptFirstList(tx, server, ctx.now());
      else if (choice) await acceptSeen(tx, server, choice, ctx.now());
    }
    return viewAssistant(tx, (await findAssistant(tx, row.id)) ?? row, ctx.toolsLeftOut);
  });
}

function columnsOf(ctx: AssistantContext, input: AssistantInput): AssistantColumns {
  const problem = input.model === "" ? null : ctx.modelProblem(input.model);
  if (problem) throw new InvalidInputError({ model: problem });
  const ids = input.servers.map((server) => server.serverId);
  if (new Set(ids).size !== ids.length) {
    throw new InvalidInputError({ servers: "A server stands twice in the list; keep one." });
  }
  return {
    ...input,
    model: input.model || null,
    servers: input.servers.map(({ serverId, allTools, toolNames }) => ({
      serverId,
      allTools,
      toolNames: allTools ? [] : [...new Set(toolNames)],
    })),
  };
}

type Saved = Awaited<ReturnType<typeof insertAssistant>>;

function saved(outcome: Saved): AssistantRow {
  if (outcome === "name_taken") {
    throw new InvalidInputError({ name: "Another assistant has this name. Choose another." });
  }
  if (outcome === "server_gone") {
    throw new ConflictError("One of the chosen servers was deleted. Reload the page.");
  }
  if (outcome === null) throw new NotFoundError("This assistant was deleted.");
  return outcome;
}
