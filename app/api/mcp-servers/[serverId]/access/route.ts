import { chooseAccess, viewAccessSetting } from "@/lib/access/choose-access";
import { accessInput } from "@/lib/contracts/people/group";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

type Params = { serverId: string };

export const GET = handle<Params>("access.manage", ({ app, params: { serverId } }) =>
  viewAccessSetting(app, { serverId }),
);

export const PUT = handle<Params>("access.manage", async ({ app, user, params, request }) => {
  const { serverId } = params;
  return chooseAccess(app, user, { serverId }, await readJson(request, accessInput));
});
