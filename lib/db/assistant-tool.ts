import type { Database, DatabaseTransaction } from "./client";
import type { Prisma, ToolPolicy } from "./generated/client";

type Connection = Database | DatabaseTransaction;

export interface AcceptedTool {
  toolName: string;
  fingerprint: string;
  /** CatalogueTool, for telling later what changed. */
  definition: unknown;
}

/** Sets what is decided on each tool of one server of an assistant; a tool not named is undecided. */
export async function setToolPolicies(
  db: Connection,
  key: { assistantId: string; serverId: string },
  policies: Readonly<Record<string, ToolPolicy>>,
): Promise<void> {
  const decided = Object.entries(policies).map(([toolName, policy]) => ({ toolName, policy }));
  await db.assistantTool.updateMany({
    where: { ...key, policy: { not: null } },
    data: { policy: null },
  });
  await db.$executeRaw`
    INSERT INTO "AssistantTool" ("assistantId", "serverId", "toolName", "policy")
    SELECT ${key.assistantId}, ${key.serverId}, decided."toolName", decided."policy"::"ToolPolicy"
    FROM jsonb_to_recordset(${JSON.stringify(decided)}::jsonb)
      AS decided("toolName" text, "policy" text)
    ON CONFLICT ("assistantId", "serverId", "toolName") DO UPDATE SET "policy" = excluded."policy"`;
}

/** Keeps these definitions as accepted, for one assistant or for all that have the server. */
export async function acceptTools(
  db: Connection,
  where: { serverId: string; assistantId?: string },
  accepted: readonly AcceptedTool[],
  now: Date,
): Promise<void> {
  if (accepted.length === 0) return;
  const assistantId = where.assistantId ?? null;
  await db.$executeRaw`
    INSERT INTO "AssistantTool" ("assistantId", "serverId", "toolName",
      "acceptedFingerprint", "acceptedDefinition", "acceptedAt")
    SELECT chosen."assistantId", chosen."serverId", accepted."toolName",
      accepted."fingerprint", accepted."definition", ${now}
    FROM "AssistantServer" AS chosen
    CROSS JOIN jsonb_to_recordset(${JSON.stringify(accepted)}::jsonb)
      AS accepted("toolName" text, "fingerprint" text, "definition" jsonb)
    WHERE chosen."serverId" = ${where.serverId}
      AND (${assistantId}::text IS NULL OR chosen."assistantId" = ${assistantId})
    ON CONFLICT ("assistantId", "serverId", "toolName") DO UPDATE SET
      "acceptedFingerprint" = excluded."acceptedFingerprint",
      "acceptedDefinition" = excluded."acceptedDefinition",
      "acceptedAt" = excluded."acceptedAt"`;
}

/** True for the one caller that found that this choice had met no list of the server yet. */
export async function claimFirstList(
  db: Connection,
  key: { assistantId: string; serverId: string },
  now: Date,
): Promise<boolean> {
  const { count } = await db.assistantServer.updateMany({
    where: { ...key, toolsAcceptedAt: null },
    data: { toolsAcceptedAt: now },
  });
  return count > 0;
}

export type AcceptedDefinitionRow = Prisma.AssistantToolGetPayload<{
  select: typeof definition;
}>;

const definition = {
  toolName: true,
  acceptedFingerprint: true,
  acceptedDefinition: true,
  acceptedAt: true,
} satisfies Prisma.AssistantToolSelect;

/** What was accepted of these tools, in full. */
export function listAcceptedDefinitions(
  db: Connection,
  key: { assistantId: string; serverId: string; toolNames: readonly string[] },
): Promise<AcceptedDefinitionRow[]> {
  const { assistantId, serverId, toolNames } = key;
  return db.assistantTool.findMany({
    where: { assistantId, serverId, toolName: { in: [...toolNames] } },
    select: definition,
  });
}
