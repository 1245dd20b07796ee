import { createAssistant, viewAssistantSummary } from "@/lib/assistants/assistant";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { assistantInput } from "@/lib/contracts/assistant";
import { listAssistants } from "@/lib/db/assistant";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

export const GET = handle("assistants.view", async ({ app }) => ({
  assistants: (await listAssistants(app.db)).map(viewAssistantSummary),
}));

export const POST = handle("assistants.manage", async ({ app, user, request, ipAddress }) => {
  const input = await readJson(request, assistantInput);
  const assistant = await createAssistant({ ...app, ...modelQuestions(app.env.model) }, input);
  await insertAuditEvent(app.db, {
    action: "assistant.create",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { assistant: assistant.name },
  });
  return Response.json(assistant, { status: 201 });
});
