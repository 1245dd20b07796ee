import { secondStepCode, secondStepSetUp } from "@/lib/contracts/people/second-step";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { beginSecondStep, enableSecondStep, viewSecondStep } from "@/lib/people/second-step";

export const GET = handle("account.set-up-second-step", async ({ app, user }) =>
  viewSecondStep(app, user),
);

/** The secret for the app; shown until it is confirmed. */
export const POST = handle("account.set-up-second-step", async ({ app, user, request }) =>
  beginSecondStep(app, user, await readJson(request, secondStepSetUp)),
);

/** Turns it on with a code from the app; the answer holds the recovery codes, once. */
export const PUT = handle("account.set-up-second-step", async ({ app, user, request }) => {
  const { code } = await readJson(request, secondStepCode);
  return enableSecondStep(app, user, code);
});
