import { resetPasswordInput } from "@/lib/contracts/people/password-reset";
import { handlePublic } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { jsonWithCookies } from "@/lib/http/responses";
import { resetPassword } from "@/lib/people/password-reset";
import { clientNetwork, clientOf } from "@/lib/session/client";
import { enforceRateLimit, resetPerClient } from "@/lib/session/rate-limit";

export const POST = handlePublic(async ({ app, request }) => {
  const client = clientOf(request);
  await enforceRateLimit(app, resetPerClient, clientNetwork(client.ipAddress));
  const input = await readJson(request, resetPasswordInput);
  const cookies = await resetPassword(app, input, client);
  return jsonWithCookies({ signedIn: cookies.length > 0 }, cookies);
});
