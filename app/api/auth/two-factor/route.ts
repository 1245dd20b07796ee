import { twoFactorCode } from "@/lib/contracts/people/two-factor";
import { handlePublic } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { jsonWithCookies } from "@/lib/http/responses";
import { clientOf } from "@/lib/session/client";
import { signInWithCode } from "@/lib/session/two-factor/sign-in";

/** After the password, which next-auth's route has checked. */
export const POST = handlePublic(async ({ app, request }) => {
  const { code } = await readJson(request, twoFactorCode);
  return jsonWithCookies(null, await signInWithCode(app, code, clientOf(request)));
});
