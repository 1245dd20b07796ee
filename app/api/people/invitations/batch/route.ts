import { inviteManyInput } from "@/lib/contracts/people/invite-many";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { inviteMany } from "@/lib/people/invite-many";

export const POST = handle("people.let-in", async ({ app, user, request }) => {
  const input = await readJson(request, inviteManyInput);
  return Response.json(await inviteMany(app, user, input), { status: 201 });
});
