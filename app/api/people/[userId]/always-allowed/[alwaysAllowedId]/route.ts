import { revokeAlwaysAllowed } from "@/lib/assistants/always-allowed-tools";
import { handle } from "@/lib/http/handle";

type Params = { userId: string; alwaysAllowedId: string };

export const DELETE = handle<Params>("people.manage", async ({ app, user, params }) => {
  const { userId, alwaysAllowedId: id } = params;
  await revokeAlwaysAllowed(app, user, { id, userId });
});
