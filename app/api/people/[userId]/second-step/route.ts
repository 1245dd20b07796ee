import { handle } from "@/lib/http/handle";
import { resetSecondStep } from "@/lib/people/second-step-reset";

export const DELETE = handle<{ userId: string }>("people.let-in", async ({ app, user, params }) => {
  await resetSecondStep(app, user, params.userId);
});
