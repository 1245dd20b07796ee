import { describeDefaultModel } from "@/lib/chat/model/model";
import { isReadOnly } from "@/lib/contracts/servers/catalogue";
import { listMcpServerPages } from "@/lib/db/mcp-server-pages";
import { handle } from "@/lib/http/handle";
import { toolsOf } from "@/lib/servers/view";

export const GET = handle("assistants.manage", async ({ app, user }) => {
  const rows = await listMcpServerPages(app.db, user.id);
  return {
    servers: rows.map(({ id, name, catalogue }) => ({
      id,
      name,
      tools: (catalogue ? toolsOf(catalogue) : []).map((tool) => ({
        name: tool.name,
        title: tool.title,
        description: tool.description,
        readOnly: isReadOnly(tool),
      })),
    })),
    defaultModel: describeDefaultModel(app.env.model),
  };
});
