import type { SingleSignOnView } from "@/lib/contracts/people/sign-in";
import { listOidcIdentitiesOf } from "@/lib/db/oidc-identity";
import { findUserById } from "@/lib/db/user";
import type { OidcContext } from "./complete";

export async function viewSingleSignOn(
  ctx: Pick<OidcContext, "db" | "env">,
  userId: string,
): Promise<SingleSignOnView> {
  const [user, [identity]] = await Promise.all([
    findUserById(ctx.db, userId),
    listOidcIdentitiesOf(ctx.db, userId),
  ]);
  return {
    provider: ctx.env.oidc?.name ?? null,
    linked: identity
      ? { email: identity.email, lastSignInAt: identity.lastSignInAt?.toISOString() ?? null }
      : null,
    hasPassword: Boolean(user?.passwordHash),
  };
}
