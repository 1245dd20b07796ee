import { firstAdminInput } from "@/lib/contracts/people/person";
import { handlePublic } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { makeFirstAdmin } from "@/lib/people/first-admin";
import { clientNetwork } from "@/lib/session/client";
import { enforceRateLimit, setUpPerClient } from "@/lib/session/rate-limit";

export const POST = handlePublic(async ({ app, request, ipAddress }) => {
  await enforceRateLimit(app, setUpPerClient, clientNetwork(ipAddress));
  const user = await makeFirstAdmin(app, await readJson(request, firstAdminInput), ipAddress);
  return { email: user.email };
});
