import { app } from "@/lib/app";
import { beginAuthorization } from "@/lib/authorization/begin";
import { safeReturnTo } from "@/lib/authorization/return-to";
import { forgetServer } from "@/lib/calls/forget-server";
import { ForbiddenError } from "@/lib/errors";
import { authorizationFailure, withOutcome } from "@/lib/http/authorization-outcome";
import { flowCookie } from "@/lib/http/cookies";
import { handleNavigation, redirectTo } from "@/lib/http/handle-navigation";
import { authorizePerUser, enforceRateLimit } from "@/lib/session/rate-limit";

type Params = { serverId: string };

/** Begins the authorization, on click: so the flow's 10 minutes and its cookie are fresh. */
export const GET = handleNavigation<Params>(
  "connections.authorize-own",
  async ({ app: ctx, user, params, request }) => {
    checkClickedHere(request);
    await enforceRateLimit(ctx, authorizePerUser, user.id);
    const { url, browserCookie, registered } = await beginAuthorization(ctx, user, {
      serverId: params.serverId,
      returnTo: endOf(request, params, ctx.env.publicUrl),
    });
    if (registered) forgetServer(ctx, params.serverId);
    return redirectTo(url, [flowCookie(browserCookie, ctx.env.publicUrl)]);
  },
  (error, request, params) => {
    const { publicUrl } = app().env;
    const path = endOf(request, params, publicUrl);
    return redirectTo(
      publicUrl + withOutcome(path, "authorization_error", authorizationFailure(error)),
    );
  },
);

/** A foreign page must not begin a flow: a provider that asks nothing twice would replace the shared account unseen. */
function checkClickedHere(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  if (site === null || site === "same-origin" || site === "none") return;
  throw new ForbiddenError("An authorization begins on Usher's own pages. Click Authorize there.");
}

/** Where the flow ends: a tab that the chat opened ends on a page of its own. */
function endOf(request: Request, params: Params, publicUrl: string): string {
  const { searchParams } = new URL(request.url);
  const own = `/oauth/complete?server=${encodeURIComponent(params.serverId)}`;
  if (searchParams.get("tab") === "1") return `${own}&tab=1`;
  return safeReturnTo(searchParams.get("returnTo"), publicUrl, own);
}
