import { app } from "@/lib/app/current";
import { isAhead, notAhead, redirectTo } from "@/lib/http/handle-navigation";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { clientOf } from "@/lib/session/client";
import { completeOidc } from "@/lib/session/oidc/complete";

/** The identity provider sends the browser back here, signed in or not. */
export async function GET(request: Request): Promise<Response> {
  if (isAhead(request)) return notAhead();
  const ctx = app();
  try {
    const callback = new URL(request.url).searchParams;
    const following = { ...ctx, groupsChanged: () => noticesChanged(ctx, "any") };
    const { path, cookies } = await completeOidc(following, clientOf(request), callback);
    return redirectTo(ctx.env.publicUrl + path, cookies);
  } catch (error) {
    ctx.log.error({ err: error }, "a sign-in by OpenID Connect failed");
    return redirectTo(`${ctx.env.publicUrl}/sign-in?error=Unexpected`);
  }
}
