import { changeProvider, removeProvider } from "@/lib/chat/model/providers/save-provider";
import { modelProviderChange } from "@/lib/contracts/models";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

type Params = { providerName: string };

export const PATCH = handle<Params>("models.manage", async ({ app, user, params, request }) => {
  const change = await readJson(request, modelProviderChange);
  return changeProvider(app, user, params.providerName, change);
});

export const DELETE = handle<Params>("models.manage", ({ app, user, params }) =>
  removeProvider(app, user, params.providerName),
);
