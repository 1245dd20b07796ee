import { describeDefaultModel } from "@/lib/chat/model/model";
import { listServerChoices } from "@/lib/db/lists/mcp-servers";
import { handle } from "@/lib/http/handle";

export const GET = handle("assistants.manage", async ({ app }) => ({
  servers: await listServerChoices(app.db),
  defaultModel: describeDefaultModel(app.env.model),
}));
