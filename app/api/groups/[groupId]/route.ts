import { groupInput } from "@/lib/contracts/people/group";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { deleteGroup, readGroup, saveGroup } from "@/lib/people/groups";

type Params = { groupId: string };

export const GET = handle<Params>("access.manage", ({ app, params }) =>
  readGroup(app, params.groupId),
);

export const PUT = handle<Params>("access.manage", async ({ app, user, params, request }) => {
  const group = await saveGroup(app, user, params.groupId, await readJson(request, groupInput));
  noticesChanged(app, "any");
  return group;
});

export const DELETE = handle<Params>("access.manage", async ({ app, user, params }) => {
  await deleteGroup(app, user, params.groupId);
  noticesChanged(app, "any");
});
