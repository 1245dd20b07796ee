import { createAuthorizationLink } from "@/lib/authorization/link";
import { authorizationLinkQuery } from "@/lib/contracts/connections/authorization-link";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";
import { authorizePerUser, enforceRateLimit } from "@/lib/session/rate-limit";

/** For a program: a link for a person, and a URL to poll. */
export const POST = handle<{ serverId: string }>("connections.use", async (handled) => {
  const { app, user, params, request } = handled;
  await enforceRateLimit(app, authorizePerUser, user.id);
  const { account = null } = readQuery(request, authorizationLinkQuery);
  const link = await createAuthorizationLink(app, user, params.serverId, account);
  return Response.json(link, { status: 201, headers: { "cache-control": "no-store" } });
});
