import type { AssistantDetail, AssistantInput } from "@/lib/contracts/assistant";
import { type AssistantColumns, insertAssistant, updateAssistant } from "@/lib/db/assistant";
import type { Database } from "@/lib/db/client";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { viewAssistant } from "./view";

export interface AssistantContext {
  db: Database;
  /** What is wrong with a model's name, in words; null where it can be used. */
  modelProblem(model: string): string | null;
}

export async function createAssistant(
  ctx: AssistantContext,
  input: AssistantInput,
): Promise<AssistantDetail> {
  return saved(await insertAssistant(ctx.db, columnsOf(ctx, input)));
}

export async function changeAssistant(
  ctx: AssistantContext,
  id: string,
  input: AssistantInput,
): Promise<AssistantDetail> {
  return saved(await updateAssistant(ctx.db, id, columnsOf(ctx, input)));
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
    servers: input.servers.map((server) => ({
      ...server,
      toolNames: server.allTools ? [] : [...new Set(server.toolNames)],
    })),
  };
}

function saved(outcome: Awaited<ReturnType<typeof insertAssistant>>): AssistantDetail {
  if (outcome === "name_taken") {
    throw new InvalidInputError({ name: "Another assistant has this name. Choose another." });
  }
  if (outcome === "server_gone") {
    throw new ConflictError("One of the chosen servers was deleted. Reload the page.");
  }
  if (outcome === null) throw new NotFoundError("This assistant was deleted.");
  return viewAssistant(outcome);
}
