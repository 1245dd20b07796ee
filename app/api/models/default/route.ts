import { chooseDefaultModel } from "@/lib/chat/model/providers/offered-models";
import { defaultModelInput } from "@/lib/contracts/models";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

export const PUT = handle("models.manage", async ({ app, user, request }) => {
  const { id } = await readJson(request, defaultModelInput);
  return chooseDefaultModel(app, user, id);
});
