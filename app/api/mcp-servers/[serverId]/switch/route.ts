import { switchInput } from "@/lib/contracts/servers/mcp-server";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { switchServer } from "@/lib/servers/switch";
import { serverDetail } from "@/lib/tokens/server-detail";

type Params = { serverId: string };

/** Switches a server off or on. Its settings, accounts and assistants stay. */
export const PUT = handle<Params>(
  "servers.manage",
  async ({ app, user, params, request, ipAddress }) => {
    const { serverId } = params;
    const { on } = await readJson(request, switchInput);
    const by = { actorId: user.id, actorEmail: user.email, ipAddress, details: {} };
    await switchServer(app, serverId, on, by);
    noticesChanged(app, { serverId });
    return serverDetail(app, serverId, user.id);
  },
);
