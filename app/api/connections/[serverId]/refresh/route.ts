import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { findConnection } from "@/lib/tokens/own-connections";
import { tryAgainNow } from "@/lib/tokens/refresh-now";

/** "Try now": asks the provider without waiting for the next try, once in 5 s. */
export const POST = handle<{ serverId: string }>("connections.use", async (handled) => {
  const { app, user, params } = handled;
  await tryAgainNow(app, user, params.serverId);
  // The person who tests an exchange reads its requests next.
  await app.flows.flush();
  const connection = await findConnection(app, user, params.serverId);
  if (!connection) throw new NotFoundError("This server was deleted or no longer uses OAuth 2.0.");
  return connection;
});
