import { changePasswordInput } from "@/lib/contracts/people/person";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { jsonWithCookies } from "@/lib/http/responses";
import { changePassword } from "@/lib/people/change";
import { clientOf } from "@/lib/session/client";

export const POST = handle("account.manage-own", async ({ app, user, request }) => {
  const input = await readJson(request, changePasswordInput);
  const cookies = await changePassword(app, user, input, clientOf(request));
  return jsonWithCookies(null, cookies);
});
