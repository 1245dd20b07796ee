import { z } from "zod";
import { safeReturnTo } from "@/lib/authorization/return-to";
import { handlePublic } from "@/lib/http/handle";
import { jsonWithCookies } from "@/lib/http/json-with-cookies";
import { readJson } from "@/lib/http/read-json";
import { beginOidc } from "@/lib/session/oidc/begin";

const input = z.object({ callbackUrl: z.string().max(500).optional() });

/** Answers with the page to go to: the identity provider's, or the sign-in page with what failed. */
export const POST = handlePublic(async ({ app, request }) => {
  const { callbackUrl = null } = await readJson(request, input);
  const returnTo = safeReturnTo(callbackUrl, app.env.publicUrl, "/");
  const { url, cookies } = await beginOidc(app, { returnTo, link: null });
  return jsonWithCookies({ url }, cookies);
});
