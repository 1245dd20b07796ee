import { changeOfferedModel, withdrawModel } from "@/lib/chat/model/providers/offered-models";
import { offeredModelChange } from "@/lib/contracts/models";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

type Params = { modelId: string };

export const PUT = handle<Params>("models.manage", async ({ app, user, params, request }) => {
  const change = await readJson(request, offeredModelChange);
  return changeOfferedModel(app, user, params.modelId, change);
});

export const DELETE = handle<Params>("models.manage", ({ app, user, params }) =>
  withdrawModel(app, user, params.modelId),
);
