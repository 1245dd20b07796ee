import { toolboxOf } from "@/lib/chat/assistants";
import { modelFamily, modelProblem } from "@/lib/chat/model/model";
import { defaultModelName, problemWith } from "@/lib/chat/model/model-choice";
import type { ToolLeftOut } from "@/lib/contracts/assistant";
import type { ModelSetup } from "@/lib/contracts/chat/model-name";
import type { CatalogueTool, LeftOut } from "@/lib/contracts/servers/catalogue";
import type { AssistantRow } from "@/lib/db/assistant";
import { sendableSchema } from "./offered-tools";

/** What saving an assistant needs to know about this installation's models. */
export function modelQuestions(setup: ModelSetup) {
  return {
    modelProblem: (model: string) => modelProblem(model, setup) ?? problemWith(model, setup),
    toolsLeftOut: (row: AssistantRow) => toolsLeftOut(row, setup),
  };
}

/** The tools of an assistant that its model cannot be offered, for the admin who saves it. */
function toolsLeftOut(row: AssistantRow, setup: ModelSetup): ToolLeftOut[] {
  return toolboxOf(row).tools.flatMap(({ serverName, toolName, inputSchema }) => {
    const reason = refusal(inputSchema, row.model, setup);
    return reason === null ? [] : [{ serverName, toolName, reason }];
  });
}

/** The tools of a server that this installation's model cannot be offered, for the admin who tests it. */
export function unsendableTools(tools: readonly CatalogueTool[], setup: ModelSetup): LeftOut[] {
  return tools.flatMap(({ name, inputSchema }) => {
    const reason = refusal(inputSchema, null, setup);
    return reason === null ? [] : [{ name, reason }];
  });
}

function refusal(inputSchema: unknown, model: string | null, setup: ModelSetup): string | null {
  const family = modelFamily(model?.trim() || defaultModelName(setup), setup);
  if (family === null) return null;
  const sent = sendableSchema(inputSchema, family);
  return sent.ok ? null : sent.reason;
}
