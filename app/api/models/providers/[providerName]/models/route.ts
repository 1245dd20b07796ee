import { listProviderModels } from "@/lib/chat/model/providers/listed-models";
import { providerModelsQuery } from "@/lib/contracts/models";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";

type Params = { providerName: string };

/** Asks the provider. */
export const GET = handle<Params>("models.manage", ({ app, params, request }) => {
  const { search } = readQuery(request, providerModelsQuery);
  return listProviderModels(app, params.providerName, search);
});
