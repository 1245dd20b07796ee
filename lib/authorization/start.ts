import { randomBytes } from "node:crypto";
import {
  firstAccount,
  ownerKeyOfAccount,
  sharedOwnerKey,
} from "@/lib/contracts/connections/account";
import { mostAccounts, newAccount } from "@/lib/contracts/connections/asked-account";
import { grantedFor } from "@/lib/contracts/servers/kinds";
import { asksPeople } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings } from "@/lib/contracts/servers/settings";
import type { Database } from "@/lib/db/client";
import { listAccountsToUse } from "@/lib/db/servers/server-to-call";
import type { Owner } from "@/lib/db/stored-token-set";
import { AuthorizationFailedError } from "@/lib/errors";
import { ownerOfAccount } from "@/lib/servers/choose-account";
import { type AccountsOfServer, hasAccountChoice } from "@/lib/servers/open-endpoint";
import type { Actor } from "@/lib/session/session-user";
import { exchangeNow } from "@/lib/tokens/refresh-now";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { authorizeAsClient } from "./authorize-client";
import {
  type AskedAuthorization,
  type BegunAuthorization,
  beginAuthorization,
  serverFor,
} from "./begin";
import type { AuthorizationContext } from "./context";
import type { AskAccountTool } from "./learn-account";

/**
 * Authorizes a server by its grant type. Where an organization's sign-in gives access, a consent is a person's own
 * account instead, if the server lets them.
 * @returns where the person is sent; null: no one had to be asked, and it is done
 * @throws AuthorizationFailedError | NotFoundError | ForbiddenError
 */
export async function startAuthorization(
  ctx: AuthorizationContext & RefreshContext,
  user: Actor,
  asked: AskedAuthorization & {
    serverId: string;
    /** Null or absent: the one that the person's calls use. `new`: another one of theirs. */
    account?: string | null;
  },
  askTool: AskAccountTool,
): Promise<BegunAuthorization | null> {
  const account = asked.account ?? null;
  const server = await serverFor(ctx, user, asked.serverId, account);
  const owner =
    account === newAccount
      ? await newOwner(ctx, user, server, asked)
      : await ownerOfAccount(ctx, server, user.id, account);
  const consent = { ...asked, ownerKey: owner.ownerKey };
  const { grantType, settings } = server.oauthClient;
  if (asksPeople({ grantType, ...readSettings(oauthSettings, settings) })) {
    return beginAuthorization(ctx, user, server, consent);
  }
  if (grantedFor(grantType) === "client") {
    await authorizeAsClient(ctx, user, server, consent, askTool);
    return null;
  }
  const outcome = await exchangeNow(ctx, { serverId: server.id, ownerKey: user.id });
  if (outcome.outcome === "refreshed") return null;
  const { returnTo } = asked;
  throw new AuthorizationFailedError("provider_error", outcome.reason, { returnTo });
}

/** Of a further account of this person, or of their first. @throws AuthorizationFailedError */
export async function newOwner(
  ctx: { db: Database },
  user: Pick<Actor, "id">,
  server: AccountsOfServer,
  { returnTo }: Pick<AskedAuthorization, "returnTo">,
): Promise<Owner> {
  if (!hasAccountChoice(server)) {
    throw new AuthorizationFailedError(
      "not_offered",
      "At this MCP server there is one account for each person, or one for all.",
      { returnTo },
    );
  }
  const stored = await listAccountsToUse(ctx.db, server.id, user.id);
  const own = stored.filter(({ ownerKey }) => ownerKey !== sharedOwnerKey);
  if (own.length >= mostAccounts) {
    throw new AuthorizationFailedError(
      "too_many_accounts",
      `You have ${mostAccounts} accounts at ${server.name}, which is the limit. Remove one first.`,
      { returnTo },
    );
  }
  const isFirst = !own.some(({ ownerKey }) => ownerKey === user.id);
  const account = isFirst ? firstAccount : randomBytes(6).toString("hex");
  return { serverId: server.id, ownerKey: ownerKeyOfAccount(account, user.id) };
}
