import { auditDetails, createAssistant } from "@/lib/assistants/assistant";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { assistantInput } from "@/lib/contracts/assistant";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { listAssistants } from "@/lib/db/lists/assistants";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

export const GET = handle("assistants.view", async ({ app }) => ({
  assistants: (await listAssistants(app.db)).map(({ id, name, description, serverNames }) => {
    return { id, name, description, serverNames };
  }),
}));

export const POST = handle("assistants.manage", async ({ app, user, request, ipAddress }) => {
  const input = await readJson(request, assistantInput);
  const assistant = await createAssistant(
    { ...app, ...modelQuestions(await readModelSetup(app.db, app.env.model)) },
    input,
  );
  await insertAuditEvent(app.db, {
    action: "assistant.create",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: auditDetails(input, assistant),
  });
  return Response.json(assistant, { status: 201 });
});
