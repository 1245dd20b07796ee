import { askToAuthorizeAgain } from "@/lib/authorization/ask-again";
import { handle } from "@/lib/http/handle";

/** For admins: a link to hand over to whoever has to authorize again. */
export const POST = handle<{ connectionId: string }>(
  "connections.manage",
  async ({ app, user, params }) => askToAuthorizeAgain(app, user, params.connectionId),
);
