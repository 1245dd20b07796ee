import { viewAlwaysAllowed } from "@/lib/assistants/always-allowed-tools";
import { handle } from "@/lib/http/handle";

export const GET = handle<{ userId: string }>("people.manage", async ({ app, params }) =>
  viewAlwaysAllowed(app, params.userId),
);
