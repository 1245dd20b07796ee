import type {
  AssistantDetail,
  AssistantInput,
  AssistantServerView,
  ModelsToChoose,
  SavedAssistant,
  ToolLeftOut,
} from "@/lib/contracts/assistant";
import type { ToolPolicy } from "@/lib/contracts/servers/tool-policy";
import type { ChosenAccess } from "@/lib/db/accounts/access-grant";
import {
  type AssistantChoices,
  type AssistantColumns,
  type AssistantRow,
  findAssistant,
  insertAssistant,
  setToolPolicies,
  updateAssistant,
} from "@/lib/db/assistant";
import { type ChangedBy, insertAuditEvent, type NewAuditEvent } from "@/lib/db/audit-event";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { acceptFirstList, acceptSeen, needsFirstList } from "./accepted-tools";
import { reviewTools } from "./tool-reviews";

export function viewAssistant(row: AssistantChoices): AssistantDetail {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    serverNames: row.servers.map(({ server }) => server.name),
    instructions: row.instructions,
    model: row.model,
    modelsToChoose: modelsToChooseOf(row),
    alwaysAllow: row.alwaysAllow,
    examples: row.writtenExamples,
    servers: row.servers.map(({ serverId, allTools, toolNames, tools, server }) => ({
      serverId,
      serverName: server.name,
      allTools,
      toolNames,
      toolPolicies: toolPoliciesOf(tools),
    })),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function modelsToChooseOf({
  letsPeopleChoose,
  modelsToChoose,
}: Pick<AssistantChoices, "letsPeopleChoose" | "modelsToChoose">): ModelsToChoose {
  if (!letsPeopleChoose) return "none";
  return modelsToChoose.length === 0 ? "offered" : modelsToChoose;
}

/** By name, the decisions about one server's tools. */
export function toolPoliciesOf(
  tools: AssistantChoices["servers"][number]["tools"],
): Record<string, ToolPolicy> {
  return Object.fromEntries(
    tools.flatMap(({ toolName, policy }) => (policy ? [[toolName, policy]] : [])),
  );
}

/**
 * One server's tools, as saved with the assistant. One server at a time: all of them together
 * are megabytes.
 * @throws NotFoundError the assistant was deleted, or no longer uses this server
 */
export async function assistantServer(
  ctx: Pick<AssistantContext, "db" | "toolsLeftOut">,
  { assistantId, serverId }: { assistantId: string; serverId: string },
): Promise<AssistantServerView> {
  const row = await findAssistant(ctx.db, assistantId, { serverId });
  const [server] = row?.servers ?? [];
  if (!row || !server) throw new NotFoundError("This assistant does not use this server any more.");
  return {
    toolReviews: await reviewTools(ctx.db, server),
    toolsLeftOut: ctx.toolsLeftOut?.(row) ?? [],
  };
}

export interface AssistantContext {
  db: Database;
  now: () => Date;
  /** Why a model's name cannot be used; null if it can. */
  modelProblem(model: string): string | null;
  /** Its tools that its model cannot be offered, with the reasons; absent: not requested. */
  toolsLeftOut?: (row: AssistantRow) => ToolLeftOut[];
}

/** @param access omitted: it is for everyone */
export function createAssistant(
  ctx: AssistantContext,
  input: AssistantInput,
  { access, by }: { access?: ChosenAccess | undefined; by?: ChangedBy } = {},
): Promise<SavedAssistant> {
  const columns = columnsOf(ctx, input);
  const event = by && { action: "assistant.create", ...by };
  return save(ctx, input, event, (tx) => insertAssistant(tx, columns, access));
}

export function changeAssistant(
  ctx: AssistantContext,
  id: string,
  input: AssistantInput,
  by?: ChangedBy,
): Promise<SavedAssistant> {
  const columns = columnsOf(ctx, input);
  const event = by && { action: "assistant.change", ...by };
  return save(ctx, input, event, (tx) => updateAssistant(tx, id, columns));
}

/** What the audit says about a save; sentences that people are shown, if they were given. */
function auditDetails({ examples }: AssistantInput, saved: SavedAssistant) {
  return { assistant: saved.name, ...(examples ? { examples: saved.examples } : {}) };
}

/** In one transaction: tools never exist without the decisions about them, and no change without its event. */
async function save(
  ctx: AssistantContext,
  input: AssistantInput,
  event: NewAuditEvent | undefined,
  write: (tx: DatabaseTransaction) => Promise<Saved>,
): Promise<SavedAssistant> {
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
    const after = (await findAssistant(tx, row.id)) ?? row;
    const view = { ...viewAssistant(after), toolsLeftOut: ctx.toolsLeftOut?.(after) ?? [] };
    if (event) {
      const details = { ...auditDetails(input, view), ...event.details };
      await insertAuditEvent(ctx.db, { ...event, details }, tx);
    }
    return view;
  });
}

function columnsOf(ctx: AssistantContext, input: AssistantInput): AssistantColumns {
  const problem = input.model === "" ? null : ctx.modelProblem(input.model);
  if (problem) throw new InvalidInputError({ model: problem });
  const ids = input.servers.map((server) => server.serverId);
  if (new Set(ids).size !== ids.length) {
    throw new InvalidInputError({ servers: "A server is in the list twice. Keep one." });
  }
  const { modelsToChoose, examples, ...rest } = input;
  return {
    ...rest,
    ...(examples === undefined ? {} : { writtenExamples: examples }),
    ...(modelsToChoose === undefined ? {} : choiceColumns(modelsToChoose)),
    model: input.model || null,
    servers: input.servers.map(({ serverId, allTools, toolNames }) => ({
      serverId,
      allTools,
      toolNames: allTools ? [] : [...new Set(toolNames)],
    })),
  };
}

function choiceColumns(choice: ModelsToChoose) {
  const names = Array.isArray(choice) ? [...new Set(choice)].sort() : [];
  return { letsPeopleChoose: choice !== "none", modelsToChoose: names };
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
