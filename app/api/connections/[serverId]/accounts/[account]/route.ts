import { changeOwnAccount } from "@/lib/authorization/own-account";
import { accountChange, accountName } from "@/lib/contracts/connections/own-account";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { findOwnAccounts } from "@/lib/tokens/own-accounts";

type Params = { serverId: string; account: string };

/** Renames it, or makes it the default. `/oauth/revoke` ends it. */
export const PATCH = handle<Params>("connections.authorize-own", async (handled) => {
  const { app, user, params, request } = handled;
  const { serverId } = params;
  const account = accountName.safeParse(params.account);
  if (!account.success) throw new NotFoundError("You have no such account at this server.");
  const change = await readJson(request, accountChange);
  await changeOwnAccount(app, user, serverId, { ...change, account: account.data });
  return findOwnAccounts(app, user, serverId);
});
