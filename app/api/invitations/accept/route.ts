import { acceptInvitationInput } from "@/lib/contracts/people/person";
import { handlePublic } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { acceptInvitation } from "@/lib/people/invite";
import { clientNetwork } from "@/lib/session/client";
import { acceptPerClient, enforceRateLimit } from "@/lib/session/rate-limit";

export const POST = handlePublic(async ({ app, request, ipAddress }) => {
  await enforceRateLimit(app, acceptPerClient, clientNetwork(ipAddress));
  const input = await readJson(request, acceptInvitationInput);
  const user = await acceptInvitation(app, input, ipAddress);
  return { email: user.email };
});
