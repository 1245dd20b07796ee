import { app } from "@/lib/app/current";
import { mayBeginFlow, safeReturnTo } from "@/lib/authorization/flow-start";
import { confirmAuthorizationLink } from "@/lib/authorization/open-link";
import { startAuthorization } from "@/lib/authorization/start";
import { askAccountTool } from "@/lib/calls/account-tool";
import { afterAuthorization } from "@/lib/calls/after-authorization";
import { accountOfOwnerKey } from "@/lib/contracts/connections/account";
import { askedAccount } from "@/lib/contracts/connections/asked-account";
import { personParameter } from "@/lib/contracts/problem";
import { clickParameter } from "@/lib/contracts/servers/flow-click";
import type { Owner } from "@/lib/db/stored-token-set";
import { clearClickCookie, flowCookie } from "@/lib/http/cookies";
import {
  authorizationFailure,
  handleNavigation,
  redirectTo,
  withOutcome,
} from "@/lib/http/handle-navigation";
import { readCookies } from "@/lib/session/client";
import { authorizePerUser, enforceRateLimit } from "@/lib/session/rate-limit";

type Params = { serverId: string };

/** Starts the authorization on click, so that the flow's 10 minutes and its cookie are fresh. */
export const GET = handleNavigation<Params>(
  "connections.authorize-own",
  async ({ app: ctx, user, params, request }) => {
    const { publicUrl } = ctx.env;
    const click = new URL(request.url).searchParams.get(clickParameter);
    const https = publicUrl.startsWith("https:");
    const fetchSite = request.headers.get("sec-fetch-site");
    const start = mayBeginFlow({ fetchSite, click, cookies: readCookies(request), https });
    if (!start.should) return redirectTo(publicUrl + confirmPath(request, params));
    await enforceRateLimit(ctx, authorizePerUser, user.id);
    const link = new URL(request.url).searchParams.get("link");
    const { serverId } = params;
    const asked = {
      serverId,
      returnTo: endOf(request, params, publicUrl),
      ...(link === null
        ? askedAccount(new URL(request.url).searchParams.get("account"))
        : await confirmAuthorizationLink(ctx, user, { id: link, serverId })),
    };
    const askTool = ({ ownerKey }: Owner) =>
      askAccountTool(ctx, serverId, user.id, accountOfOwnerKey(ownerKey));
    const begun = await startAuthorization(ctx, user, asked, askTool);
    const clicked = clearClickCookie(click, https);
    if (begun) {
      return redirectTo(begun.url, [flowCookie(begun.browserCookie, publicUrl), ...clicked]);
    }
    afterAuthorization(ctx, { serverId, userId: user.id });
    return redirectTo(publicUrl + withOutcome(asked.returnTo, "authorized", "1"), clicked);
  },
  (error, request, params) => {
    const { publicUrl } = app().env;
    const path = endOf(request, params, publicUrl);
    return redirectTo(
      publicUrl + withOutcome(path, "authorization_error", authorizationFailure(error)),
    );
  },
);

/** The same request, to be confirmed by a click in Usher. */
function confirmPath(request: Request, { serverId }: Params): string {
  const { searchParams } = new URL(request.url);
  searchParams.delete(clickParameter);
  searchParams.delete(personParameter);
  const link = searchParams.get("link");
  if (link !== null) return `/oauth/link/${encodeURIComponent(link)}`;
  searchParams.set("server", serverId);
  return `/oauth/confirm?${searchParams}`;
}

/** Where the flow ends: a tab that the chat opened ends on its own page. */
function endOf(request: Request, params: Params, publicUrl: string): string {
  const { searchParams } = new URL(request.url);
  const own = `/oauth/complete?server=${encodeURIComponent(params.serverId)}`;
  if (searchParams.get("tab") === "1") return `${own}&tab=1`;
  return safeReturnTo(searchParams.get("returnTo"), publicUrl, own);
}
