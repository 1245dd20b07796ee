import { type ChosenAccess, newGrants } from "./accounts/access-grant";
import { insertAuditEvent, type NewAuditEvent } from "./audit-event";
import type { Database, DatabaseTransaction } from "./client";
import type {
  AlwaysAllowPolicy,
  Assistant,
  AssistantServer,
  AssistantTool,
  ToolCatalogue,
  ToolPolicy,
} from "./generated/client";
import * as Prisma from "./generated/internal/prismaNamespace";

type Connection = Database | DatabaseTransaction;

export type AssistantRow = Assistant & {
  servers: (AssistantServer & {
    server: {
      id: string;
      name: string;
      settings: Prisma.JsonValue;
      switchedOffAt: Date | null;
      catalogue: Pick<ToolCatalogue, "tools" | "fetchedAt" | "serverInfo"> | null;
    };
    /** Decisions about tools; accepted definitions are read separately. */
    tools: Pick<AssistantTool, "toolName" | "policy" | "acceptedFingerprint">[];
  })[];
};

export interface AssistantColumns {
  name: string;
  description: string;
  instructions: string;
  model: string | null;
  /** Absent: unchanged. */
  letsPeopleChoose?: boolean;
  modelsToChoose?: string[];
  alwaysAllow?: AlwaysAllowPolicy;
  writtenExamples?: string[];
  servers: { serverId: string; allTools: boolean; toolNames: string[] }[];
}

const withServers = {
  servers: {
    include: {
      server: {
        select: {
          id: true,
          name: true,
          settings: true,
          switchedOffAt: true,
          catalogue: { select: { tools: true, fetchedAt: true, serverInfo: true } },
        },
      },
      tools: { select: { toolName: true, policy: true, acceptedFingerprint: true } },
    },
    orderBy: { server: { name: "asc" } },
  },
} satisfies Prisma.AssistantInclude;

/** With only this one of their servers. */
export function listAssistantsOf(db: Database, serverId: string): Promise<AssistantRow[]> {
  return db.assistant.findMany({
    where: { servers: { some: { serverId } } },
    include: { servers: { ...withServers.servers, where: { serverId } } },
    orderBy: { name: "asc" },
  });
}

/** @param only with only this one of its servers */
export function findAssistant(
  db: Connection,
  id: string,
  only?: { serverId: string },
): Promise<AssistantRow | null> {
  const include = only ? { servers: { ...withServers.servers, where: only } } : withServers;
  return db.assistant.findUnique({ where: { id }, include });
}

/** What was chosen, without the servers' lists. */
export type AssistantChoices = Assistant & {
  servers: (AssistantServer & {
    server: { name: string };
    tools: Pick<AssistantTool, "toolName" | "policy">[];
  })[];
};

const withChoices = {
  servers: {
    include: {
      server: { select: { name: true } },
      tools: { where: { policy: { not: null } }, select: { toolName: true, policy: true } },
    },
    orderBy: { server: { name: "asc" } },
  },
} satisfies Prisma.AssistantInclude;

export function findAssistantChoices(db: Database, id: string): Promise<AssistantChoices | null> {
  return db.assistant.findUnique({ where: { id }, include: withChoices });
}

/** All of them, by name. */
export function listAssistantChoices(db: Database): Promise<AssistantChoices[]> {
  return db.assistant.findMany({ include: withChoices, orderBy: { name: "asc" } });
}

type Saved = AssistantRow | "name_taken" | "server_gone" | null;

export function insertAssistant(
  db: Connection,
  columns: AssistantColumns,
  access?: ChosenAccess,
): Promise<Saved> {
  const { servers, ...data } = columns;
  return explained(() =>
    db.assistant.create({
      data: { ...data, servers: { create: servers }, ...(access ? newGrants(access) : {}) },
      include: withServers,
    }),
  );
}

/** Decisions about tools stay for servers that stay. Null: no such assistant. */
export function updateAssistant(
  db: Connection,
  id: string,
  columns: AssistantColumns,
): Promise<Saved> {
  const { servers, ...data } = columns;
  const upsert = servers.map(({ serverId, ...choice }) => ({
    where: { assistantId_serverId: { assistantId: id, serverId } },
    create: { serverId, ...choice },
    update: choice,
  }));
  const gone = { serverId: { notIn: servers.map(({ serverId }) => serverId) } };
  return explained(() =>
    db.assistant.update({
      where: { id },
      data: { ...data, servers: { deleteMany: gone, upsert } },
      include: withServers,
    }),
  );
}

export function deleteAssistant(db: Database, id: string, event: NewAuditEvent): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.assistant.deleteMany({ where: { id } });
    if (count > 0) await insertAuditEvent(db, event, tx);
    return count > 0;
  });
}

async function explained(save: () => Promise<AssistantRow>): Promise<Saved> {
  try {
    return await save();
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error;
    if (error.code === "P2002") return "name_taken";
    if (error.code === "P2003") return "server_gone";
    if (error.code === "P2025") return null;
    throw error;
  }
}

export interface AcceptedTool {
  toolName: string;
  fingerprint: string;
  /** A CatalogueTool, to show later what changed. */
  definition: unknown;
}

/** Sets the policy of each tool of one server of an assistant; a tool not named has none. */
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

/** Stores these definitions as accepted, for one assistant or for all with the server. */
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

/** True for the one caller that accepts the first list. */
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
