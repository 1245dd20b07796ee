import { formModels } from "@/lib/chat/model/model-choice";
import { listServerChoices } from "@/lib/db/lists/mcp-servers";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { handle } from "@/lib/http/handle";

export const GET = handle("assistants.manage", async ({ app }) => ({
  servers: await listServerChoices(app.db),
  ...formModels(await readModelSetup(app.db, app.env.model)),
}));
