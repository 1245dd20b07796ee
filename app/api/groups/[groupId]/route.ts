import { groupInput } from "@/lib/contracts/people/group";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { deleteGroup, readGroup, saveGroup } from "@/lib/people/groups";

type Params = { groupId: string };

export const GET = handle<Params>("access.manage", ({ app, params }) =>
  readGroup(app, params.groupId),
);

export const PUT = handle<Params>("access.manage", async ({ app, user, params, request }) =>
  saveGroup(app, user, params.groupId, await readJson(request, groupInput)),
);

export const DELETE = handle<Params>("access.manage", ({ app, user, params }) =>
  deleteGroup(app, user, params.groupId),
);
