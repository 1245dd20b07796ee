import type { Database, DatabaseTransaction } from "./client";
import {
  type Assistant,
  type AssistantServer,
  type AssistantTool,
  Prisma,
  type ToolCatalogue,
} from "./generated/client";

type Connection = Database | DatabaseTransaction;

export type AssistantRow = Assistant & {
  servers: (AssistantServer & {
    server: {
      id: string;
      name: string;
      catalogue: Pick<ToolCatalogue, "tools" | "fetchedAt"> | null;
    };
    /** What was decided on tools; the accepted definitions themselves are read apart. */
    tools: Pick<AssistantTool, "toolName" | "policy" | "acceptedFingerprint">[];
  })[];
};

export interface AssistantColumns {
  name: string;
  description: string;
  instructions: string;
  model: string | null;
  servers: { serverId: string; allTools: boolean; toolNames: string[] }[];
}

const withServers = {
  servers: {
    include: {
      server: {
        select: { id: true, name: true, catalogue: { select: { tools: true, fetchedAt: true } } },
      },
      tools: { select: { toolName: true, policy: true, acceptedFingerprint: true } },
    },
    orderBy: { server: { name: "asc" } },
  },
} satisfies Prisma.AssistantInclude;

export function listAssistants(db: Database): Promise<AssistantRow[]> {
  return db.assistant.findMany({ include: withServers, orderBy: { name: "asc" } });
}

/** Those that use this server. */
export function listAssistantsOf(db: Database, serverId: string): Promise<AssistantRow[]> {
  return db.assistant.findMany({
    where: { servers: { some: { serverId } } },
    include: withServers,
    orderBy: { name: "asc" },
  });
}

export function findAssistant(db: Connection, id: string): Promise<AssistantRow | null> {
  return db.assistant.findUnique({ where: { id }, include: withServers });
}

type Saved = AssistantRow | "name_taken" | "server_gone" | null;

export function insertAssistant(db: Connection, columns: AssistantColumns): Promise<Saved> {
  const { servers, ...data } = columns;
  return explained(() =>
    db.assistant.create({ data: { ...data, servers: { create: servers } }, include: withServers }),
  );
}

/** What was decided on the tools of a server that stays, stays. Null when there is no such assistant. */
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

export async function deleteAssistant(db: Database, id: string): Promise<boolean> {
  const { count } = await db.assistant.deleteMany({ where: { id } });
  return count > 0;
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
