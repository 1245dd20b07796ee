import { modelsToChooseOf, toolPoliciesOf } from "@/lib/assistants/assistant";
import type { AssistantInput } from "@/lib/contracts/assistant";
import type { AssistantChoices } from "@/lib/db/assistant";
import type { StoredAccess } from "./access-entry";
import { type AssistantEntry, assistantEntry } from "./document";

/** A stored assistant in the file's form. An admin's reviews of tools are not settings and not in it. */
export function assistantEntryOf(row: AssistantChoices, access: StoredAccess): AssistantEntry {
  return assistantEntry.parse({
    access: access.get(row.id),
    ...{ name: row.name, description: row.description, instructions: row.instructions },
    model: row.model ?? "",
    modelsToChoose: modelsToChooseOf(row),
    alwaysAllow: row.alwaysAllow,
    examples: row.writtenExamples,
    servers: row.servers.map(({ server, allTools, toolNames, tools }) => ({
      server: server.name,
      tools: allTools ? ("all" as const) : toolNames,
      toolPolicies: toolPoliciesOf(tools),
    })),
  });
}

/** What the form would send. @param idOf a server's id by its name */
export function assistantInputOf(
  entry: AssistantEntry,
  idOf: (name: string) => string,
): AssistantInput {
  const { name, description, instructions, model, modelsToChoose, alwaysAllow, examples } = entry;
  return {
    ...{ name, description, instructions, model, modelsToChoose, alwaysAllow, examples },
    servers: entry.servers.map(({ server, tools, toolPolicies }) => ({
      serverId: idOf(server),
      allTools: tools === "all",
      toolNames: tools === "all" ? [] : tools,
      toolPolicies,
    })),
  };
}
