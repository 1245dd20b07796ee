import { auditDetails, changeAssistant, viewAssistant } from "@/lib/assistants/assistant";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { assistantInput } from "@/lib/contracts/assistant";
import { deleteAssistant, findAssistantChoices } from "@/lib/db/assistant";
import { insertAuditEvent } from "@/lib/db/audit-event";
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
  const assistant = await changeAssistant(ctx, params.assistantId, input);
  await insertAuditEvent(app.db, {
    action: "assistant.change",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: auditDetails(input, assistant),
  });
  noticesChanged(app, "any");
  return assistant;
});

export const DELETE = handle<Params>("assistants.manage", async (handled) => {
  const { app, user, params, ipAddress } = handled;
  if (!(await deleteAssistant(app.db, params.assistantId))) {
    throw new NotFoundError("This assistant was already deleted.");
  }
  await insertAuditEvent(app.db, {
    action: "assistant.delete",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { assistantId: params.assistantId },
  });
});
