import { createAuthorizationLink } from "@/lib/authorization/link";
import { handle } from "@/lib/http/handle";
import { authorizePerUser, enforceRateLimit } from "@/lib/session/rate-limit";

/** For a program: a link for a person, and a URL to poll. */
export const POST = handle<{ serverId: string }>("connections.use", async (handled) => {
  const { app, user, params } = handled;
  await enforceRateLimit(app, authorizePerUser, user.id);
  const link = await createAuthorizationLink(app, user, params.serverId);
  return Response.json(link, { status: 201, headers: { "cache-control": "no-store" } });
});
