import { handle } from "@/lib/http/handle";
import { endAllSessions, viewSessions } from "@/lib/session/sessions";

export const GET = handle("account.manage-own", async ({ app, user }) => viewSessions(app, user));

/** Signs out everywhere, including here. */
export const DELETE = handle("account.manage-own", async ({ app, user }) => {
  await endAllSessions(app, user);
});
