import { apiKeyInput } from "@/lib/contracts/api-keys";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { createKey, viewApiKeys } from "@/lib/session/api-keys/manage";
import { checkPermission } from "@/lib/session/caller";

export const GET = handle("api-keys.manage-own", ({ app, user }) => viewApiKeys(app, user));

/** The only response that contains the key. */
export const POST = handle("api-keys.manage-own", async ({ app, user, request }) => {
  const input = await readJson(request, apiKeyInput);
  if (input.owner === "service") checkPermission(user, "api-keys.manage-team", request.method);
  const created = await createKey(app, user, input);
  return Response.json(created, { status: 201, headers: { "cache-control": "no-store" } });
});
