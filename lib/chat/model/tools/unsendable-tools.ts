import { toolboxOf } from "@/lib/chat/assistants";
import { defaultModelName, modelFamily, modelProblem } from "@/lib/chat/model/model";
import type { ToolLeftOut } from "@/lib/contracts/assistant";
import type { ModelEnv } from "@/lib/contracts/chat/model-name";
import type { CatalogueTool, LeftOut } from "@/lib/contracts/servers/catalogue";
import type { AssistantRow } from "@/lib/db/assistant";
import { sendableSchema } from "./sendable-schema";

/** What whoever saves an assistant asks of the models of this installation. */
export function modelQuestions(env: ModelEnv) {
  return {
    modelProblem: (model: string) => modelProblem(model, env),
    toolsLeftOut: (row: AssistantRow) => toolsLeftOut(row, env),
  };
}

/** The tools of an assistant that its model cannot be offered, for the admin who saves it. */
function toolsLeftOut(row: AssistantRow, env: ModelEnv): ToolLeftOut[] {
  return toolboxOf(row).tools.flatMap(({ serverName, toolName, inputSchema }) => {
    const reason = refusal(inputSchema, row.model, env);
    return reason === null ? [] : [{ serverName, toolName, reason }];
  });
}

/** The tools of a server that this installation's model cannot be offered, for the admin who tests it. */
export function unsendableTools(tools: readonly CatalogueTool[], env: ModelEnv): LeftOut[] {
  return tools.flatMap(({ name, inputSchema }) => {
    const reason = refusal(inputSchema, null, env);
    return reason === null ? [] : [{ name, reason }];
  });
}

function refusal(inputSchema: unknown, model: string | null, env: ModelEnv): string | null {
  const family = modelFamily(model?.trim() || defaultModelName(env));
  if (family === null) return null;
  const sent = sendableSchema(inputSchema, family);
  return sent.ok ? null : sent.reason;
}
