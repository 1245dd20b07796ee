import { changeAssistant, viewAssistant } from "@/lib/assistants/assistant";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { assistantInput } from "@/lib/contracts/assistant";
import { deleteAssistant, findAssistantChoices } from "@/lib/db/assistant";
import { by } from "@/lib/db/audit-event";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";

type Params = { assistantId: string };

export const GET = handle<Params>("assistants.manage", async ({ app, params }) => {
  const row = await findAssistantChoices(app.db, params.assistantId);
  if (!row) throw new NotFoundError("This assistant was deleted.");
  return viewAssistant(row);
});

export const PUT = handle<Params>("assistants.manage", async (handled) => {
  const { app, user, params, request, ipAddress } = handled;
  const input = await readJson(request, assistantInput);
  const ctx = { ...app, ...modelQuestions(await readModelSetup(app.db, app.env.model)) };
  const { assistantId } = params;
  const assistant = await changeAssistant(ctx, assistantId, input, by({ ...user, ipAddress }));
  noticesChanged(app, "any");
  return assistant;
});

export const DELETE = handle<Params>("assistants.manage", async (handled) => {
  const { app, user, params, ipAddress } = handled;
  const { assistantId } = params;
  const event = {
    ...{ action: "assistant.delete", details: { assistantId } },
    ...by({ ...user, ipAddress }),
  };
  if (!(await deleteAssistant(app.db, assistantId, event))) {
    throw new NotFoundError("This assistant was already deleted.");
  }
});
