import { acceptInvitationInput } from "@/lib/contracts/people/person";
import { handlePublic } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { acceptInvitation } from "@/lib/people/invite";

export const POST = handlePublic(async ({ app, request, ipAddress }) => {
  const input = await readJson(request, acceptInvitationInput);
  const user = await acceptInvitation(app, input, ipAddress);
  return { email: user.email };
});
