import { app } from "@/lib/app/current";
import { browserCookieName } from "@/lib/authorization/begin";
import {
  callbackParameters,
  completeAuthorization,
  postedParameters,
} from "@/lib/authorization/complete";
import { askAccountTool } from "@/lib/calls/account-tool";
import { afterAuthorization } from "@/lib/calls/after-authorization";
import { accountOfOwnerKey } from "@/lib/contracts/connections/account";
import { AuthorizationFailedError } from "@/lib/errors";
import { clearFlowCookie } from "@/lib/http/cookies";
import { answering } from "@/lib/http/handle";
import {
  authorizationFailure,
  handleNavigation,
  redirectTo,
  withOutcome,
} from "@/lib/http/handle-navigation";
import { readForm } from "@/lib/http/read-input";
import { readCookies } from "@/lib/session/client";

/** The provider sends the person back here. */
export const GET = handleNavigation(
  "connections.authorize-own",
  async ({ app: ctx, user, request }) => {
    const parameters = callbackParameters(request.url);
    const completed = await completeAuthorization(
      ctx,
      user,
      { parameters, cookies: readCookies(request) },
      ({ serverId, ownerKey }) =>
        askAccountTool(ctx, serverId, user.id, accountOfOwnerKey(ownerKey)),
    );
    afterAuthorization(ctx, { serverId: completed.serverId, userId: user.id });
    const path = withOutcome(completed.returnTo, "authorized", "1");
    return redirectTo(ctx.env.publicUrl + path, [clearFlowCookie(completed.browserCookie)]);
  },
  (error, request) => {
    const state = callbackParameters(request.url).get("state") ?? "";
    const reason = authorizationFailure(error);
    const returnTo = error instanceof AuthorizationFailedError ? error.returnTo : null;
    const { publicUrl } = app().env;
    if (returnTo === null) {
      // Another person's flow, or another browser's: it is left unchanged.
      return redirectTo(publicUrl + withOutcome("/oauth/refused", "reason", reason));
    }
    const path = withOutcome(returnTo, "authorization_error", reason);
    return redirectTo(publicUrl + path, [clearFlowCookie(browserCookieName(state))]);
  },
);

/**
 * Some providers answer with a form (`form_post`), or redirect their own with 307. A form of another site comes without
 * this site's cookies, so the browser is told to open the same answer itself: nothing is read or decided here.
 */
export const POST = answering(async ({ env }, request) => {
  const form = await readForm(request).catch(() => new URLSearchParams());
  const told = postedParameters(callbackParameters(request.url), form);
  return redirectTo(`${env.publicUrl}/oauth/callback?${told}`);
});
