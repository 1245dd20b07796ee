import { csvCell, viewEvent } from "@/lib/audit/list";
import { standingOf } from "@/lib/contracts/connections/connection-standing";
import type { PersonPage, Receipt, RevocationOutcome } from "@/lib/contracts/people/person-page";
import { countAlwaysAllowedOf } from "@/lib/db/accounts/always-allowed-tool";
import type { Database } from "@/lib/db/client";
import { listOidcIdentitiesOf } from "@/lib/db/people/oidc-identity";
import {
  countConversationsOf,
  countRunningTurnsOf,
  listKeysOf,
  listLastCallsOf,
  listReceiptsOf,
  listSharedBy,
  listTokensOf,
  listWorkingKeysOf,
  type ReceiptRow,
} from "@/lib/db/people/person-page";
import { listSessions } from "@/lib/db/session";
import { findUserById } from "@/lib/db/user";
import { NotFoundError } from "@/lib/errors";
import { sessionIdleMs } from "@/lib/session/session-user";
import { deviceInWords } from "@/lib/session/sessions";
import { viewPerson } from "./view";

interface PageContext {
  db: Database;
  now: () => Date;
}

const mostReceipts = 200;
const mostCalls = 10;

/** For admins. @throws NotFoundError */
export async function personPage({ db, now }: PageContext, userId: string): Promise<PersonPage> {
  const at = now();
  const user = await findUserById(db, userId);
  if (!user) return pageOfDeleted(db, userId);
  const seenAfter = new Date(at.getTime() - sessionIdleMs);
  const [identities, tokens, keys, sessions, apiKeys, sharedServers, runningChats, ...counts] =
    await Promise.all([
      listOidcIdentitiesOf(db, userId),
      listTokensOf(db, userId),
      listKeysOf(db, userId),
      listSessions(db, userId, { now: at, seenAfter }),
      listWorkingKeysOf(db, userId, at),
      listSharedBy(db, userId),
      countRunningTurnsOf(db, userId),
      countConversationsOf(db, userId),
      countAlwaysAllowedOf(db, userId),
    ]);
  const [conversations, alwaysAllowedTools] = counts;
  const receipts = await listReceiptsOf(db, userId, mostReceipts);
  const calls = await listLastCallsOf(db, userId, mostCalls);
  return {
    person: viewPerson(user, identities.length > 0),
    accounts: [
      ...tokens.map(({ serverId, serverName, accountName, createdAt, ...facts }) => ({
        ...{ serverId, serverName, accountName, kind: "oauth" as const },
        ...{ standing: standingOf(facts, at), since: createdAt.toISOString() },
      })),
      ...keys.map(({ savedAt, ...key }) => ({
        ...{ ...key, kind: "key" as const, standing: null, since: savedAt.toISOString() },
      })),
    ],
    sessions: sessions.map(({ id, userAgent, ipAddress, lastSeenAt }) => ({
      ...{ id, ipAddress, device: deviceInWords(userAgent), lastSeenAt: lastSeenAt.toISOString() },
    })),
    apiKeys: user.disabledAt === null ? apiKeys : [],
    ...{ sharedServers, runningChats, conversations, alwaysAllowedTools },
    receipts: receipts.map(viewReceipt),
    calls: calls.map(viewEvent),
  };
}

/** @throws NotFoundError there is no record of them */
async function pageOfDeleted(db: Database, userId: string): Promise<PersonPage> {
  const receipts = await listReceiptsOf(db, userId, mostReceipts);
  if (receipts.length === 0) throw new NotFoundError("This person is no longer here.");
  return {
    ...{ person: null, accounts: [], sessions: [], apiKeys: [], sharedServers: [] },
    ...{ runningChats: 0, conversations: 0, alwaysAllowedTools: 0 },
    receipts: receipts.map(viewReceipt),
    calls: (await listLastCallsOf(db, userId, mostCalls)).map(viewEvent),
  };
}

const outcomes = {
  PENDING: "pending",
  REVOKED: "revoked",
  NO_ENDPOINT: "no_endpoint",
  REFUSED: "refused",
  GAVE_UP: "gave_up",
  AUTHORIZED_AGAIN: "authorized_again",
} as const satisfies Record<ReceiptRow["outcome"], RevocationOutcome>;

function viewReceipt(row: ReceiptRow): Receipt {
  const { id, serverId, serverName, accountName, answer, attempts } = row;
  const isPending = row.outcome === "PENDING";
  return {
    ...{ id, serverId, serverName, accountName, answer, attempts, provider: row.providerHost },
    outcome: outcomes[row.outcome],
    answeredAt: row.answeredAt?.toISOString() ?? null,
    accessUntil: row.accessUntil?.toISOString() ?? null,
    nextAttemptAt: isPending ? row.nextAttemptAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
  };
}

const columns = [
  ...(["serverName", "serverId", "provider", "accountName", "outcome", "answer"] as const),
  ...(["answeredAt", "accessUntil", "attempts", "createdAt", "id"] as const),
];

/** A person's receipts, even after they were deleted. With a header. */
export async function* receiptsCsv({ db }: PageContext, userId: string): AsyncGenerator<string> {
  yield `${columns.join(",")}\r\n`;
  for (const row of await listReceiptsOf(db, userId, 10_000)) {
    const receipt = viewReceipt(row);
    yield `${columns.map((column) => csvCell(String(receipt[column] ?? ""))).join(",")}\r\n`;
  }
}
