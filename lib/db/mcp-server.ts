import type { Sealed } from "@/lib/vault/sealed-box";
import { type ChosenAccess, newGrants } from "./accounts/access-grant";
import { insertAuditEvent, type NewAuditEvent } from "./audit-event";
import type { Database, DatabaseTransaction } from "./client";
import type {
  Assistant,
  McpServer,
  OAuthClient,
  ServerHealth,
  ToolCatalogue,
} from "./generated/client";
import * as Prisma from "./generated/internal/prismaNamespace";
import { joinedColumns, joinedRow, keysOf } from "./read-by-key";
import { takeTokenSets } from "./revocations/take-tokens";
import { relationsOfViewer, type ServerOfViewerRow } from "./servers/server-to-call";
import { isUniqueViolation } from "./unique-violation";

export type McpServerRow = McpServer & { oauthClient: OAuthClient | null };
export type OAuthClientRow = OAuthClient;

/** What the pages show to one viewer. */
export type McpServerPageRow = ServerOfViewerRow & {
  catalogue: ToolCatalogue | null;
  health: Omit<ServerHealth, "serverId"> | null;
  assistantServers: { assistant: Pick<Assistant, "id" | "name"> }[];
};

export type McpServerColumns = Omit<
  Prisma.McpServerUncheckedCreateInput,
  "environmentSealed" | "headersSealed" | "version" | "id"
> & { id: string; environmentSealed: Sealed | null; headersSealed: Sealed | null };

export type OAuthClientColumns = Omit<
  Prisma.OAuthClientUncheckedCreateInput,
  "clientSecretSealed" | "serverId" | "id" | keyof CredentialColumns
> & { id: string } & CredentialColumns;

export type CredentialColumns = Pick<
  OAuthClient,
  | "clientId"
  | "tokenEndpointAuthMethod"
  | "clientSecretExpiresAt"
  | "registration"
  | "registeredIssuer"
  | "registeredRedirectUri"
  | "registeredAt"
  | "registeredBecause"
  | "registrationProven"
  | "registrationForgotten"
  | "clientRefusedAt"
  | "workingAuthMethod"
  | "followsServer"
> & { clientSecretSealed: Sealed | null };

const pageRelations = (userId: string) =>
  ({
    ...relationsOfViewer(userId),
    catalogue: true,
    health: { omit: { serverId: true } },
    assistantServers: { select: { assistant: { select: { id: true, name: true } } } },
  }) satisfies Prisma.McpServerInclude;

const clientFields = Object.values(Prisma.OAuthClientScalarFieldEnum);
const serverById = `
  SELECT wanted.place, s.*, NULL AS "oauthClient", ${joinedColumns("c", clientFields)}
  FROM ${keysOf.onePart} AS wanted (id, place)
  JOIN "McpServer" s ON s."id" = wanted.id
  LEFT JOIN "OAuthClient" c ON c."serverId" = s."id"`;

export async function findMcpServer(db: Database, id: string): Promise<McpServerRow | null> {
  const row = await db.$byKey.find<McpServer & Record<string, unknown>>(serverById, [id]);
  // Set in place and not spread: so many columns would be the largest thing that a refresh copies.
  return row && Object.assign(row, { oauthClient: joinedRow<OAuthClient>(row, "c", clientFields) });
}

/** All of them, by name. */
export function listAllMcpServers(db: Database): Promise<McpServerRow[]> {
  return db.mcpServer.findMany({ include: { oauthClient: true }, orderBy: { name: "asc" } });
}

export function findServerIds(db: Database): Promise<Pick<McpServerRow, "id" | "name">[]> {
  return db.mcpServer.findMany({ select: { id: true, name: true } });
}

export function findMcpServerPage(
  db: Database,
  id: string,
  userId: string,
): Promise<McpServerPageRow | null> {
  return db.mcpServer.findUnique({ where: { id }, include: pageRelations(userId) });
}

export async function stdioServerNames(db: Database): Promise<string[]> {
  // Queried at startup: Prisma's way would be most of the start's waiting time.
  const { rows } = await db.$statement<{ name: string }>(
    `SELECT "name" FROM "McpServer" WHERE "transport" = 'STDIO' ORDER BY "name"`,
    [],
  );
  return rows.map(({ name }) => name);
}

/** Resolves to `name_taken`, with nothing saved, if another server has this name. */
export async function insertMcpServer(
  db: Database,
  columns: McpServerColumns,
  client: OAuthClientColumns | null,
  { access, event }: { access?: ChosenAccess | undefined; event: NewAuditEvent | null },
): Promise<"saved" | "name_taken"> {
  try {
    await db.$transaction(async (tx) => {
      await tx.mcpServer.create({
        data: {
          ...columns,
          ...(client ? { oauthClient: { create: client } } : {}),
          ...(access ? newGrants(access) : {}),
        },
      });
      if (event) await insertAuditEvent(db, event, tx);
    });
    return "saved";
  } catch (error) {
    if (isUniqueViolation(error)) return "name_taken";
    throw error;
  }
}

/**
 * Saves an edit as one transaction. `changed_meanwhile` if the row is no longer at
 * `expectedVersion`: another person saved first. With `ends` every stored token and every pending flow ends, as they
 * belong to the previous configuration, or only those of the team's account, which are revoked.
 */
export async function updateMcpServer(
  db: Database,
  {
    expectedVersion,
    ends,
    at,
    event,
  }: {
    expectedVersion: number;
    ends: "all" | "team" | "none";
    at: Date;
    event: NewAuditEvent | null;
  },
  columns: McpServerColumns,
  client: OAuthClientColumns | null,
): Promise<"saved" | "name_taken" | "changed_meanwhile"> {
  const { id, ...data } = columns;
  try {
    return await db.$transaction(async (tx) => {
      const { count } = await tx.mcpServer.updateMany({
        where: { id, version: expectedVersion },
        data: { ...data, version: { increment: 1 } },
      });
      if (count === 0) return "changed_meanwhile";
      if (ends === "all") await dropAuthorizations(tx, id);
      if (ends === "team") {
        const teams = { serverId: id, ownerKey: "shared" };
        await tx.authorizationRequest.deleteMany({ where: teams });
        await takeTokenSets(tx, teams, "DISCONNECTED", at);
      }
      if (client) {
        const { id: clientRowId, ...clientData } = client;
        await tx.oAuthClient.upsert({
          where: { serverId: id },
          create: { id: clientRowId, serverId: id, ...clientData },
          update: clientData,
        });
      } else {
        await tx.oAuthClient.deleteMany({ where: { serverId: id } });
      }
      if (event) await insertAuditEvent(db, event, tx);
      return "saved";
    });
  } catch (error) {
    if (isUniqueViolation(error)) return "name_taken";
    throw error;
  }
}

/** Accounts connected at the last moment are kept to be revoked. */
export function deleteMcpServer(
  db: Database,
  id: string,
  now: Date,
  event: NewAuditEvent | null,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    await takeTokenSets(tx, { serverId: id }, "SERVER_DELETED", now);
    const { count } = await tx.mcpServer.deleteMany({ where: { id } });
    if (count > 0 && event) await insertAuditEvent(db, event, tx);
    return count > 0;
  });
}

export async function dropAuthorizations(tx: DatabaseTransaction, serverId: string): Promise<void> {
  await tx.storedTokenSet.deleteMany({ where: { serverId } });
  await tx.personalKey.deleteMany({ where: { serverId } });
  await tx.authorizationRequest.deleteMany({ where: { serverId } });
}

/**
 * Not a change of its configuration: its version and `updatedAt` stay.
 * @param eventOf what the audit records, unless it was already off (or on)
 * @returns false if the server was deleted
 */
export function setSwitchedOff(
  db: Database,
  id: string,
  at: Date | null,
  eventOf: (server: { name: string }) => NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ name: string; changed: boolean }[]>`
      WITH before AS (SELECT "id", "switchedOffAt" FROM "McpServer" WHERE "id" = ${id} FOR UPDATE)
      UPDATE "McpServer" s
      SET "switchedOffAt" = CASE WHEN ${at}::timestamptz IS NULL THEN NULL
        ELSE coalesce(s."switchedOffAt", ${at}::timestamptz) END
      FROM before WHERE s."id" = before."id"
      RETURNING s."name",
        (before."switchedOffAt" IS NULL) <> (${at}::timestamptz IS NULL) AS "changed"`;
    if (row?.changed) await insertAuditEvent(db, eventOf(row), tx);
    return row !== undefined;
  });
}
