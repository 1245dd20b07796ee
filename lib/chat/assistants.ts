import { acceptFirstLists } from "@/lib/assistants/accepted-tools";
import type { ChatAssistant } from "@/lib/contracts/chat/chat";
import { builtInModelName } from "@/lib/contracts/chat/model-name";
import { serverInfo } from "@/lib/contracts/servers/catalogue";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import { type AssistantRow, findAssistant, listAssistants } from "@/lib/db/assistant";
import type { Database } from "@/lib/db/client";
import { ConflictError } from "@/lib/errors";
import { exampleSentence, profileTool, type ToolProfile } from "./built-in-model/tool-profile";
import type { ChatContext } from "./context";
import { defaultModelName } from "./model/model";
import { describeTool } from "./tool-calls/tool-description";
import { createToolbox, type Toolbox, type ToolboxTool } from "./tool-calls/toolbox";

export type AssistantForChat = {
  id: string;
  name: string;
  instructions: string;
  /** Null: the installation's default. */
  model: string | null;
  toolbox: Toolbox;
  /** What each server says of how its tools are to be used: its own words. */
  serverInstructions: readonly ServerInstructions[];
};

export type ServerInstructions = { serverName: string; text: string };

/**
 * An assistant with the tools it may call, from the stored catalogues: no server is asked.
 * @throws ConflictError it was deleted
 */
export async function readAssistant(
  ctx: { db: Database; now: () => Date },
  id: string | null,
): Promise<AssistantForChat> {
  const row = id === null ? null : await findAssistant(ctx.db, id);
  if (!row) {
    throw new ConflictError(
      "The assistant of this conversation was deleted. Start a new conversation with another one.",
    );
  }
  await acceptFirstLists(ctx, row);
  const { name, instructions, model } = row;
  const toolbox = toolboxOf(row);
  const serverInstructions = instructionsOf(row);
  return { id: row.id, name, instructions, model, toolbox, serverInstructions };
}

function instructionsOf(row: AssistantRow): ServerInstructions[] {
  return row.servers.flatMap(({ server }) => {
    if (!readSettings(serverSettings, server.settings).useInstructions) return [];
    const info = serverInfo.safeParse(server.catalogue?.serverInfo);
    const text = info.data?.instructions?.trim();
    return text ? [{ serverName: server.name, text }] : [];
  });
}

export function toolboxOf(row: AssistantRow): Toolbox {
  return createToolbox(
    row.servers.map(({ server, allTools, toolNames, toolsAcceptedAt, tools }) => ({
      serverId: server.id,
      serverName: server.name,
      allTools,
      toolNames,
      decisions: { toolsAcceptedAt, tools },
      catalogue: server.catalogue?.tools ?? [],
    })),
  );
}

const mostExamples = 3;

/** Assistants to talk to, each with a few suggestions from its tools. */
export async function listChatAssistants(
  ctx: Pick<ChatContext, "db" | "modelEnv">,
): Promise<ChatAssistant[]> {
  const usual = defaultModelName(ctx.modelEnv);
  return (await listAssistants(ctx.db)).map((row) => viewChatAssistant(row, usual));
}

function viewChatAssistant(row: AssistantRow, usualModel: string): ChatAssistant {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    serverNames: row.servers.map(({ server }) => server.name),
    examples: exampleRequests(toolboxOf(row)),
    builtIn: (row.model?.trim() || usualModel) === builtInModelName,
  };
}

/** Of each server in turn; what only reads comes first, and of that what wants the fewest words. */
export function exampleRequests(toolbox: Toolbox): string[] {
  const byServer = new Map<string, ToolProfile[]>();
  const profiled = toolbox.tools.map((tool) => ({ tool, profile: profileOf(tool) }));
  for (const one of profiled.sort((first, second) => effort(first) - effort(second))) {
    byServer.set(one.tool.serverId, [...(byServer.get(one.tool.serverId) ?? []), one.profile]);
  }
  const queues = [...byServer.values()];
  const chosen: ToolProfile[] = [];
  for (let turn = 0; turn < toolbox.tools.length && chosen.length < mostExamples; turn++) {
    chosen.push(...queues.flatMap((queue) => queue[turn] ?? []));
  }
  return chosen.slice(0, mostExamples).map((profile) => {
    const sentence = exampleSentence(profile, byServer.size > 1);
    return sentence.charAt(0).toUpperCase() + sentence.slice(1);
  });
}

function profileOf(tool: ToolboxTool): ToolProfile {
  const { name, inputSchema } = tool;
  return profileTool({ name, description: describeTool(tool), inputSchema });
}

function effort({ tool, profile }: { tool: ToolboxTool; profile: ToolProfile }): number {
  const words = profile.parameters.filter((parameter) => parameter.required).length;
  // Works, but is no reason to open a chat.
  const dull = profile.concepts.has("identify") ? 10 : 0;
  return (tool.readOnly ? 0 : 100) + dull + words;
}
