import { secondStepProof } from "@/lib/contracts/people/second-step";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { disableSecondStep } from "@/lib/people/second-step";

export const POST = handle("account.manage-own", async ({ app, user, request }) => {
  await disableSecondStep(app, user, await readJson(request, secondStepProof));
});
