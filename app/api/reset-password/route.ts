import { resetPasswordInput } from "@/lib/contracts/people/password-reset";
import { handlePublic } from "@/lib/http/handle";
import { jsonWithCookies } from "@/lib/http/json-with-cookies";
import { readJson } from "@/lib/http/read-json";
import { resetPassword } from "@/lib/people/reset-password";
import { clientOf } from "@/lib/session/client";
import { clientNetwork } from "@/lib/session/network";
import { enforceRateLimit, resetPerClient } from "@/lib/session/rate-limit";

export const POST = handlePublic(async ({ app, request }) => {
  const client = clientOf(request);
  await enforceRateLimit(app, resetPerClient, clientNetwork(client.ipAddress));
  const input = await readJson(request, resetPasswordInput);
  return jsonWithCookies(null, await resetPassword(app, input, client));
});
