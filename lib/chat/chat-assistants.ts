import { decideFor } from "@/lib/access/read-access";
import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";
import { builtInModelName } from "@/lib/contracts/chat/model-name";
import { findAssistant } from "@/lib/db/assistant";
import type { Database } from "@/lib/db/client";
import { type AssistantListRow, listAssistants, saveExamples } from "@/lib/db/lists/assistants";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { toolboxOf, withoutSwitchedOff } from "./assistants";
import type { ChatContext, ChatUser } from "./context";
import { exampleRequests } from "./examples/example-requests";
import { assistantsModel, choosableModels, labelOf } from "./model/model-choice";

/** Assistants to talk to, each with a few sentences to try. */
export async function listChatAssistants(
  ctx: Pick<ChatContext, "db" | "modelEnv">,
  user: Pick<ChatUser, "id" | "role">,
): Promise<ChatAssistant[]> {
  const { role } = user;
  const setup = await readModelSetup(ctx.db, ctx.modelEnv);
  const choice = (name: string) => ({ name, label: labelOf(name, setup) });
  const assistants: ChatAssistant[] = [];
  for (const row of await listAssistants(ctx.db, user.id)) {
    if (!decideFor(user, row).may) continue;
    const { serverNames, examples } = ofServers(user, row);
    const { name: model } = assistantsModel(setup, row, role);
    assistants.push({
      id: row.id,
      name: row.name,
      description: row.description,
      serverNames,
      examples: examples ?? (await workOutOnce(ctx.db, row)),
      builtIn: model === builtInModelName,
      model: choice(model),
      models: choosableModels(setup, row, role).map(({ name }) => choice(name)),
    });
  }
  return assistants;
}

/** Examples from tools mention all its servers: they are for those who may use all of them. */
function ofServers(
  user: Pick<ChatUser, "role">,
  { servers, examples, examplesAreWritten }: AssistantListRow,
): { serverNames: string[]; examples: string[] | null } {
  const usable = servers.filter((each) => decideFor(user, each).may);
  const shown = usable.length === servers.length || examplesAreWritten;
  return { serverNames: usable.map(({ name }) => name), examples: shown ? examples : [] };
}

type Stale = Pick<AssistantListRow, "id" | "examplesVersion">;

const underWay = new WeakMap<Database, Map<string, Promise<string[]>>>();

/** Once for all who list the assistants in the meantime: it reads and sorts every tool of the assistant. */
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
