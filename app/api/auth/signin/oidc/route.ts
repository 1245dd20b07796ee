import * as z from "zod";
import { callbackPath } from "@/lib/contracts/people/sign-in";
import { handlePublic } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { jsonWithCookies } from "@/lib/http/responses";
import { beginOidc } from "@/lib/session/oidc/complete";

const input = z.object({ callbackUrl: z.string().optional() });
/** It is stored in the flow's cookie, of which browsers keep 4,096 bytes. */
const longestPath = 1_500;

/** Answers with the page to open: the identity provider's, or the sign-in page with the failure. */
export const POST = handlePublic(async ({ app, request }) => {
  const { callbackUrl } = await readJson(request, input);
  const path = callbackPath(callbackUrl, app.env.publicUrl);
  const returnTo = path.length > longestPath ? "/" : path;
  const { url, cookies } = await beginOidc(app, { returnTo, link: null });
  return jsonWithCookies({ url }, cookies);
});
