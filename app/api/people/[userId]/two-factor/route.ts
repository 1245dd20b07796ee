import { handle } from "@/lib/http/handle";
import { resetTwoFactor } from "@/lib/people/two-factor-reset";

export const DELETE = handle<{ userId: string }>("people.let-in", async ({ app, user, params }) => {
  await resetTwoFactor(app, user, params.userId);
});
