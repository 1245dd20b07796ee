import { offerModel } from "@/lib/chat/model/providers/offered-models";
import { offeredModelInput } from "@/lib/contracts/models";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

export const POST = handle("models.manage", async ({ app, user, request }) => {
  const input = await readJson(request, offeredModelInput);
  return Response.json(await offerModel(app, user, input), { status: 201 });
});
