import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";
import { builtInModelName } from "@/lib/contracts/chat/model-name";
import { findAssistant } from "@/lib/db/assistant";
import type { Database } from "@/lib/db/client";
import { type AssistantListRow, listAssistants, saveExamples } from "@/lib/db/lists/assistants";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { toolboxOf, withoutSwitchedOff } from "./assistants";
import { exampleSentence, profileTool, type ToolProfile } from "./built-in-model/tool-profile";
import type { ChatContext, ChatUser } from "./context";
import { assistantsModel, choosableModels, labelOf } from "./model/model-choice";
import { describeTool } from "./tool-calls/tool-description";
import type { Toolbox, ToolboxTool } from "./tool-calls/toolbox";

const mostExamples = 3;

/** Assistants to talk to, each with a few suggestions from its tools. */
export async function listChatAssistants(
  ctx: Pick<ChatContext, "db" | "modelEnv">,
  { role }: Pick<ChatUser, "role">,
): Promise<ChatAssistant[]> {
  const setup = await readModelSetup(ctx.db, ctx.modelEnv);
  const choice = (name: string) => ({ name, label: labelOf(name, setup) });
  const assistants: ChatAssistant[] = [];
  for (const row of await listAssistants(ctx.db)) {
    const { name: model } = assistantsModel(setup, row, role);
    assistants.push({
      id: row.id,
      name: row.name,
      description: row.description,
      serverNames: row.serverNames,
      examples: row.examples ?? (await workOutOnce(ctx.db, row)),
      builtIn: model === builtInModelName,
      model: choice(model),
      models: choosableModels(setup, row, role).map(({ name }) => choice(name)),
    });
  }
  return assistants;
}

type Stale = Pick<AssistantListRow, "id" | "examplesVersion">;

const underWay = new WeakMap<Database, Map<string, Promise<string[]>>>();

/** Once for all who list the assistants meanwhile: it reads and sorts every tool of the assistant. */
function workOutOnce(db: Database, row: Stale): Promise<string[]> {
  const ofDatabase = underWay.get(db) ?? new Map<string, Promise<string[]>>();
  underWay.set(db, ofDatabase);
  const key = `${row.id} ${row.examplesVersion}`;
  const known = ofDatabase.get(key);
  if (known) return known;
  const working = workOut(db, row).finally(() => ofDatabase.delete(key));
  ofDatabase.set(key, working);
  return working;
}

async function workOut(db: Database, { id, examplesVersion }: Stale): Promise<string[]> {
  const row = await findAssistant(db, id);
  if (!row) return [];
  const examples = exampleRequests(toolboxOf(withoutSwitchedOff(row)));
  await saveExamples(db, { id, version: examplesVersion }, examples);
  return examples;
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
