import { handle } from "@/lib/http/handle";
import { findOwnAccounts } from "@/lib/tokens/own-accounts";

/** Those that the person's calls may use at this server. */
export const GET = handle<{ serverId: string }>("connections.view", ({ app, user, params }) =>
  findOwnAccounts(app, user, params.serverId),
);
