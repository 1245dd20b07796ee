import { handle } from "@/lib/http/handle";
import { endSession } from "@/lib/session/sessions";

export const DELETE = handle<{ sessionId: string }>(
  "account.manage-own",
  async ({ app, user, params }) => {
    await endSession(app, user, params.sessionId);
  },
);
