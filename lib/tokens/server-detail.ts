import type { ConnectionStanding } from "@/lib/contracts/connections/connection";
import { countStandings, standingOf } from "@/lib/contracts/connections/connection-standing";
import { asksForKeys } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { listPersonalKeys } from "@/lib/db/accounts/personal-key";
import type { Database } from "@/lib/db/client";
import { findMcpServerPage, type McpServerPageRow } from "@/lib/db/mcp-server";
import { listPeoplesTokens } from "@/lib/db/stored-token-set";
import { NotFoundError } from "@/lib/errors";
import { type StdioSituation, viewDetail } from "@/lib/servers/view";
import { viewConnection, viewTeamConnection } from "./connection-view";
import { askedHeaders, personalKeyFacts } from "./personal-key";

/** A server's page: its settings without secrets, its tools, and the viewer's connection. */
export async function serverDetail(
  ctx: { db: Database; now: () => Date; stdio: StdioSituation },
  serverId: string,
  viewerId: string,
): Promise<McpServerDetail> {
  const row = await findMcpServerPage(ctx.db, serverId, viewerId);
  if (!row) throw new NotFoundError("This MCP server was deleted.");
  const now = ctx.now();
  const owners = await accountOwners(ctx.db, row, now);
  const people = countStandings(owners.map(({ standing }) => standing));
  const connection = viewConnection(row, viewerId, now);
  return {
    ...viewDetail(row, people, connection, ctx.stdio, now),
    teamConnection: viewTeamConnection(row, now),
    accountOwners: owners.slice(0, mostOwners).map(viewOwner),
  };
}

const mostOwners = 50;

interface Owner {
  name: string;
  accountName: string | null;
  since: Date;
  standing: ConnectionStanding;
}

/** Of people's own accounts or keys, newest first. */
async function accountOwners(db: Database, row: McpServerPageRow, now: Date): Promise<Owner[]> {
  if (!asksForKeys(row)) {
    return (await listPeoplesTokens(db, row.id)).map((tokens) => ({
      ...{ name: tokens.ownerName, accountName: tokens.accountName, since: tokens.createdAt },
      standing: standingOf(tokens, now),
    }));
  }
  const headers = askedHeaders(row);
  return (await listPersonalKeys(db, row.id)).map((key) => ({
    ...{ name: key.user.name, accountName: key.accountName, since: key.savedAt },
    standing: standingOf(personalKeyFacts(headers, key), now),
  }));
}

function viewOwner({ since, standing, ...owner }: Owner): McpServerDetail["accountOwners"][number] {
  return { ...owner, since: since.toISOString(), status: standing.status };
}
