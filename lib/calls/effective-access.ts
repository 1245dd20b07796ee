import { type AccessUser, decideFor } from "@/lib/access/read-access";
import { accessWords } from "@/lib/contracts/access";
import { teamAccount } from "@/lib/contracts/connections/account";
import { isStored } from "@/lib/contracts/connections/connection-standing";
import { accountTitle } from "@/lib/contracts/connections/own-account";
import type {
  EffectiveAccess,
  PersonAccess,
  ServerAccess,
} from "@/lib/contracts/people/effective-access";
import { accountUsed, sharingOf, type TokenSharing } from "@/lib/contracts/servers/kinds";
import { readAccessFacts, type StoredAccess } from "@/lib/db/accounts/access";
import { listAssistantAccess, listPeopleAtServer } from "@/lib/db/accounts/effective-access";
import type { Database } from "@/lib/db/client";
import { type ConnectedServerRow, listMcpServers } from "@/lib/db/lists/mcp-servers";
import { findMcpServerPage } from "@/lib/db/mcp-server";
import { findUserById } from "@/lib/db/user";
import { NotFoundError } from "@/lib/errors";
import { viewConnectionSummary } from "@/lib/tokens/connection-view";

interface EffectiveContext {
  db: Database;
  now: () => Date;
}

const mostPeople = 500;

/** What a person may use, with the account that their calls would use. @throws NotFoundError */
export async function personAccess(ctx: EffectiveContext, userId: string): Promise<PersonAccess> {
  const user = await findUserById(ctx.db, userId);
  if (!user) throw new NotFoundError("This person is no longer here.");
  const [assistants, servers, facts] = await Promise.all([
    listAssistantAccess(ctx.db, userId),
    listMcpServers(ctx.db, userId),
    readAccessFacts(ctx.db, userId, { servers: "all" }),
  ]);
  const byId = new Map(facts.map((row) => [row.id, row]));
  return {
    person: { id: user.id, name: user.name, email: user.email },
    assistants: assistants.map((row) => line(user, row, row, null)),
    servers: servers.flatMap((server) => {
      const stored = byId.get(server.id);
      return stored ? [line(user, server, stored, accountOf(ctx, server, userId))] : [];
    }),
  };
}

/** Who may use a server, and with which account. @throws NotFoundError */
export async function serverAccess(ctx: EffectiveContext, serverId: string): Promise<ServerAccess> {
  const [server, rows] = await Promise.all([
    findMcpServerPage(ctx.db, serverId, ""),
    listPeopleAtServer(ctx.db, serverId, mostPeople + 1),
  ]);
  if (!server) throw new NotFoundError("This MCP server was deleted.");
  const sharing = sharingOf(server);
  const own = sharing !== null && accountUsed(sharing) === "person";
  const people = rows.slice(0, mostPeople).map((row) => {
    // People who have not connected an account may use the team's.
    const account =
      own && row.connected
        ? ownAccount(sharing, true, row.accountName)
        : accountOf(ctx, server, "");
    return { ...line({ role: "MEMBER" }, row, row, account), email: row.email };
  });
  return { people, cut: rows.length > mostPeople };
}

function line(
  user: Pick<AccessUser, "role">,
  { id, name }: { id: string; name: string },
  stored: StoredAccess,
  account: string | null,
): EffectiveAccess {
  const decision = decideFor(user, stored);
  const reason = accessWords(decision);
  return { id, name, may: decision.may, reason, account: decision.may ? account : null };
}

function accountOf(
  ctx: EffectiveContext,
  server: ConnectedServerRow,
  userId: string,
): string | null {
  const connection = viewConnectionSummary(server, userId, ctx.now());
  const sharing = sharingOf(server);
  if (!connection || sharing === null) return null;
  const connected = isStored(connection.standing);
  if (connection.isTeams) return accountTitle({ ...connection, account: teamAccount, label: null });
  if (accountUsed(sharing) === "person")
    return ownAccount(sharing, connected, connection.accountName);
  if (!connected) return "Shared account, not authorized yet";
  return connection.accountName === null
    ? "Shared account"
    : `Shared account ${connection.accountName}`;
}

function ownAccount(sharing: TokenSharing, connected: boolean, accountName: string | null): string {
  if (!connected) {
    return sharing === "ORGANIZATION"
      ? "Their own account, by their sign-in, from first use"
      : "Their own account, asked for at first use";
  }
  return accountName === null ? "Their own account" : `Their own account ${accountName}`;
}
