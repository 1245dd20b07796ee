import { chooseAccess, viewAccessSetting } from "@/lib/access/choose-access";
import { accessInput } from "@/lib/contracts/people/group";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

type Params = { assistantId: string };

export const GET = handle<Params>("access.manage", ({ app, params: { assistantId } }) =>
  viewAccessSetting(app, { assistantId }),
);

export const PUT = handle<Params>("access.manage", async ({ app, user, params, request }) => {
  const { assistantId } = params;
  return chooseAccess(app, user, { assistantId }, await readJson(request, accessInput));
});
