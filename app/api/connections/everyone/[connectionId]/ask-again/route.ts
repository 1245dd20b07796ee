import { askToAuthorizeAgain } from "@/lib/authorization/ask-again";
import { handle } from "@/lib/http/handle";
import { noticesChanged } from "@/lib/notices/notices-changed";

/** For admins: opens a notice for the person who has to authorize again, and returns a link to hand over. */
export const POST = handle<{ connectionId: string }>(
  "connections.manage",
  async ({ app, user, params }) => {
    const link = await askToAuthorizeAgain(app, user, params.connectionId);
    noticesChanged(app, "any");
    return link;
  },
);
