import { handle } from "@/lib/http/handle";
import { jsonWithCookies } from "@/lib/http/responses";
import { beginOidc } from "@/lib/session/oidc/complete";
import { unlinkOwnOidcIdentity, viewSingleSignOn } from "@/lib/session/oidc/link";

const accountPage = "/settings/account";

export const GET = handle("account.manage-own", async ({ app, user }) =>
  viewSingleSignOn(app, user.id),
);

/** Starts linking the account of the signed-in person; the flow ends in the same session or not at all. */
export const POST = handle("account.manage-own", async ({ app, user }) => {
  const link = { userId: user.id, sessionId: user.sessionId };
  const { url, cookies } = await beginOidc(app, { returnTo: accountPage, link });
  return jsonWithCookies({ url }, cookies);
});

export const DELETE = handle("account.manage-own", async ({ app, user }) => {
  await unlinkOwnOidcIdentity(app, user);
});
