import { handle } from "@/lib/http/handle";
import { endAllSessions } from "@/lib/session/end-sessions";
import { viewSessions } from "@/lib/session/view-sessions";

export const GET = handle("account.manage-own", async ({ app, user }) => viewSessions(app, user));

/** Signs out everywhere, here too. */
export const DELETE = handle("account.manage-own", async ({ app, user }) => {
  await endAllSessions(app, user);
});
