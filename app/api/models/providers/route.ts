import { addProvider } from "@/lib/chat/model/providers/save-provider";
import { modelProviderInput } from "@/lib/contracts/models";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

export const POST = handle("models.manage", async ({ app, user, request }) => {
  const input = await readJson(request, modelProviderInput);
  return Response.json(await addProvider(app, user, input), { status: 201 });
});
