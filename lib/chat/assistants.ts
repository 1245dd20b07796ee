import { type AccessUser, readAccess } from "@/lib/access/read-access";
import { acceptFirstLists } from "@/lib/assistants/accepted-tools";
import { serverInfo } from "@/lib/contracts/servers/catalogue";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import { type AssistantRow, findAssistant } from "@/lib/db/assistant";
import type { Database } from "@/lib/db/client";
import { ConflictError } from "@/lib/errors";
import type { AssistantModels } from "./model/model-choice";
import { createToolbox, type Toolbox } from "./tool-calls/toolbox";

export type AssistantForChat = AssistantModels & {
  id: string;
  name: string;
  instructions: string;
  toolbox: Toolbox;
  /** Each server's instructions for its tools: its own text. */
  serverInstructions: readonly ServerInstructions[];
};

export type ServerInstructions = { serverName: string; text: string };

/**
 * An assistant with the tools that it may call for this person, from the stored catalogues: no server is called.
 * @throws ConflictError it was deleted, or is not for this person
 */
export async function readAssistant(
  ctx: { db: Database; now: () => Date },
  user: AccessUser,
  id: string | null,
): Promise<AssistantForChat> {
  const row = await findUsableAssistant(ctx.db, user, id);
  if (!row) {
    throw new ConflictError(
      "The assistant of this conversation was deleted, or you no longer have access to it. Start a new conversation with another one.",
    );
  }
  await acceptFirstLists(ctx, row);
  const on = withoutSwitchedOff(row);
  const { name, instructions, model, letsPeopleChoose, modelsToChoose } = row;
  const models = { model, letsPeopleChoose, modelsToChoose };
  const toolbox = toolboxOf(on);
  const serverInstructions = instructionsOf(on);
  return { id: row.id, name, instructions, ...models, toolbox, serverInstructions };
}

/** An assistant with the servers that this person may use. Null if it does not exist or they have no access. */
export async function findUsableAssistant(
  db: Database,
  user: AccessUser,
  id: string | null,
): Promise<AssistantRow | null> {
  if (id === null) return null;
  const [row, access] = await Promise.all([
    findAssistant(db, id),
    readAccess(db, user, { assistantId: id, servers: "of-assistant" }),
  ]);
  if (!row || !access.mayUseAssistant(id)) return null;
  return { ...row, servers: row.servers.filter(({ server }) => access.mayUseServer(server.id)) };
}

/** Those of its servers that an admin has not switched off. */
export function withoutSwitchedOff(row: AssistantRow): AssistantRow {
  return { ...row, servers: row.servers.filter(({ server }) => server.switchedOffAt === null) };
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
