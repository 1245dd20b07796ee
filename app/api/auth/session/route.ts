import { handlePublic } from "@/lib/http/handle";
import { clientOf } from "@/lib/session/client";
import { sessionUser } from "@/lib/session/session-user";

/**
 * The signed-in person, in next-auth's shape: `{ user }`, or `{}` for no one. Asks the database, and never
 * renews the cookie, as next-auth's own route would for a session that has ended.
 */
export const GET = handlePublic(async ({ app, request }) => {
  const user = await sessionUser(app, clientOf(request).cookies);
  if (!user) return {};
  const { id, name, email, role } = user;
  return { user: { id, name, email, role } };
});
