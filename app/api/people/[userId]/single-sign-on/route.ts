import { handle } from "@/lib/http/handle";
import { resetOidcIdentity } from "@/lib/session/oidc/link";

export const DELETE = handle<{ userId: string }>("people.let-in", async ({ app, user, params }) => {
  await resetOidcIdentity(app, user, params.userId);
});
