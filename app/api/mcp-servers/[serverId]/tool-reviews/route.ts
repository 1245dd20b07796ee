import { acceptServerTools, reviewServerTools } from "@/lib/assistants/tool-reviews";
import { acceptToolsInput } from "@/lib/contracts/servers/tool-policy";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";

type Params = { serverId: string };

/** The tools that differ from what an admin accepted. */
export const GET = handle<Params>("assistants.manage", ({ app, params }) =>
  reviewServerTools(app.db, params.serverId),
);

/** Accepts their current definitions, for all assistants that use the server. */
export const POST = handle<Params>("assistants.manage", async (handled) => {
  const { app, user, params, request, ipAddress } = handled;
  const input = await readJson(request, acceptToolsInput);
  await acceptServerTools(app, params.serverId, input);
  await insertAuditEvent(app.db, {
    action: "assistant.accept-tools",
    actorId: user.id,
    actorEmail: user.email,
    serverId: params.serverId,
    ipAddress,
    details: { tools: input.tools.map(({ toolName }) => toolName) },
  });
  noticesChanged(app, params);
  return reviewServerTools(app.db, params.serverId);
});
