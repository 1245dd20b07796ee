import { inviteInput } from "@/lib/contracts/people/person";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { invite } from "@/lib/people/invite";

export const POST = handle("people.let-in", async ({ app, user, request }) => {
  const input = await readJson(request, inviteInput);
  return Response.json(await invite(app, user, input), { status: 201 });
});
