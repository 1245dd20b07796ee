import { groupInput } from "@/lib/contracts/people/group";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { saveGroup, viewGroups } from "@/lib/people/groups";

export const GET = handle("access.manage", async ({ app }) => ({
  groups: await viewGroups(app),
  claim: app.env.oidc?.groupsClaim ?? null,
}));

export const POST = handle("access.manage", async ({ app, user, request }) => {
  const group = await saveGroup(app, user, null, await readJson(request, groupInput));
  return Response.json(group, { status: 201 });
});
