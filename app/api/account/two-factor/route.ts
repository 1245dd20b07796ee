import { twoFactorCode, twoFactorSetUp } from "@/lib/contracts/people/two-factor";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { beginTwoFactor, enableTwoFactor, viewTwoFactor } from "@/lib/people/two-factor";

export const GET = handle("account.set-up-two-factor", async ({ app, user }) =>
  viewTwoFactor(app, user),
);

/** The secret for the app; shown until it is confirmed. */
export const POST = handle("account.set-up-two-factor", async ({ app, user, request }) =>
  beginTwoFactor(app, user, await readJson(request, twoFactorSetUp)),
);

/** Turns it on with a code from the app; the answer holds the recovery codes, once. */
export const PUT = handle("account.set-up-two-factor", async ({ app, user, request }) => {
  const { code } = await readJson(request, twoFactorCode);
  return enableTwoFactor(app, user, code);
});
