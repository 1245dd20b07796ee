import { chooseAccess, viewAccessSetting } from "@/lib/access/choose-access";
import { accessInput } from "@/lib/contracts/people/group";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";

type Params = { serverId: string };

export const GET = handle<Params>("access.manage", ({ app, params: { serverId } }) =>
  viewAccessSetting(app, { serverId }),
);

export const PUT = handle<Params>("access.manage", async ({ app, user, params, request }) => {
  const { serverId } = params;
  const chosen = await chooseAccess(app, user, { serverId }, await readJson(request, accessInput));
  noticesChanged(app, { serverId });
  return chosen;
});
