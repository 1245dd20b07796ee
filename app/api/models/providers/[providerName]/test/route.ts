import { testProvider } from "@/lib/chat/model/providers/test-provider";
import { modelTestInput } from "@/lib/contracts/models";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { enforceRateLimit, modelTestsPerUser } from "@/lib/session/rate-limit";

type Params = { providerName: string };

export const maxDuration = 60;

/** Costs one word at the provider. */
export const POST = handle<Params>("models.manage", async ({ app, user, params, request }) => {
  await enforceRateLimit(app, modelTestsPerUser, user.id);
  const { model } = await readJson(request, modelTestInput);
  return testProvider(app, user, params.providerName, model);
});
