import { createAssistant } from "@/lib/assistants/assistant";
import { viewAssistants } from "@/lib/assistants/view-list";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { assistantInput } from "@/lib/contracts/assistant";
import { by } from "@/lib/db/audit-event";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

export const GET = handle("assistants.view", async ({ app, user }) => ({
  assistants: await viewAssistants(app.db, user),
}));

export const POST = handle("assistants.manage", async ({ app, user, request, ipAddress }) => {
  const input = await readJson(request, assistantInput);
  const assistant = await createAssistant(
    { ...app, ...modelQuestions(await readModelSetup(app.db, app.env.model)) },
    input,
    { by: by({ ...user, ipAddress }) },
  );
  return Response.json(assistant, { status: 201 });
});
