import { revokeAlwaysAllowed } from "@/lib/assistants/always-allowed-tools";
import { handle } from "@/lib/http/handle";

export const DELETE = handle<{ alwaysAllowedId: string }>(
  "account.manage-own",
  async ({ app, user, params }) => {
    await revokeAlwaysAllowed(app, user, { id: params.alwaysAllowedId, userId: user.id });
  },
);
