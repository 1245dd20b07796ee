import { viewAlwaysAllowed } from "@/lib/assistants/always-allowed-tools";
import { handle } from "@/lib/http/handle";

export const GET = handle("account.manage-own", async ({ app, user }) =>
  viewAlwaysAllowed(app, user.id),
);
