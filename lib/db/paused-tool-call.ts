import { storableJson } from "@/lib/untrusted-text";
import type { Database, DatabaseTransaction } from "./client";
import type { TurnKey } from "./conversation";
import type { OAuthClient, PausedToolCall, PausedToolCallState } from "./generated/client";
import * as Prisma from "./generated/internal/prismaNamespace";

export type { PausedToolCallState };

export type PausedToolCallRow = PausedToolCall & {
  server: { name: string; oauthClient: Pick<OAuthClient, "tokenSharing"> | null };
};

const withServer = {
  server: { select: { name: true, oauthClient: { select: { tokenSharing: true } } } },
} satisfies Prisma.PausedToolCallInclude;

/** What was entered for a call with one account is not sent with another: its server asks again. */
const withoutInput = {
  inputFlow: null,
  inputRequests: Prisma.DbNull,
  inputOutcomes: Prisma.DbNull,
  inputContentSealed: null,
  requestStateSealed: null,
} satisfies Prisma.PausedToolCallUpdateInput;

/**
 * Stores a call that waits for consent, an account or confirmation. One that waited, ran and met the missing consent
 * again waits again, with the input it was first stored with.
 */
export async function pauseToolCall(
  db: Database,
  call: {
    conversationId: string;
    toolCallId: string;
    serverId: string;
    toolName: string;
    input: unknown;
    state: "AWAITING_AUTHORIZATION" | "AWAITING_ACCOUNT" | "AWAITING_CONFIRMATION";
    account: string | null;
    steppedUp: boolean;
    confirmed: boolean;
  },
): Promise<void> {
  const { conversationId, toolCallId, state, account, steppedUp, confirmed } = call;
  await db.pausedToolCall.upsert({
    where: { conversationId_toolCallId: { conversationId, toolCallId } },
    create: { ...call, input: storableJson(call.input) as Prisma.InputJsonValue },
    // The admins have done what they were asked for before.
    update: {
      ...{ state, account, steppedUp, confirmed, adminAskedAt: null },
      ...(state === "AWAITING_ACCOUNT" ? withoutInput : {}),
    },
  });
}

export async function listPausedToolCalls(
  db: Database,
  conversationId: string,
): Promise<PausedToolCallRow[]> {
  const calls = await db.pausedToolCall.findMany({
    where: { conversationId },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  // Each turn asks, and few have any: Prisma would ask for the servers of none, too.
  if (calls.length === 0) return [];
  const servers = await db.mcpServer.findMany({
    where: { id: { in: calls.map(({ serverId }) => serverId) } },
    select: { id: true, ...withServer.server.select },
  });
  const byId = new Map(servers.map(({ id, ...server }) => [id, server]));
  return calls.flatMap((call) => {
    const server = byId.get(call.serverId);
    return server ? { ...call, server } : [];
  });
}

export function findPausedToolCall(
  db: Database,
  where: { id: string; conversationId: string },
): Promise<PausedToolCallRow | null> {
  return db.pausedToolCall.findFirst({ where, include: withServer });
}

/** The calls and conversations of these rows. */
export function findToolCallsById(
  db: Database,
  ids: readonly string[],
): Promise<Pick<PausedToolCall, "id" | "conversationId" | "toolCallId">[]> {
  return db.pausedToolCall.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, conversationId: true, toolCallId: true },
  });
}

/** Compare and set: true for the one caller that moved it. @param set what changes with it */
export async function movePausedToolCall(
  db: Database | DatabaseTransaction,
  id: string,
  change: { from: readonly PausedToolCallState[]; to: PausedToolCallState },
  set: { account?: string | null; confirmed?: boolean } = {},
): Promise<boolean> {
  const { count } = await db.pausedToolCall.updateMany({
    where: { id, state: { in: [...change.from] } },
    data: { ...set, state: change.to, ...(set.account === undefined ? {} : withoutInput) },
  });
  return count > 0;
}

export type ClaimedToolCall = Pick<
  PausedToolCall,
  "input" | "inputFlow" | "inputOutcomes" | "inputContentSealed" | "requestStateSealed"
>;

/**
 * Claims a waiting call for one run, while the turn holds the conversation.
 * @returns what was stored for it; null if another caller was first
 */
export async function claimPausedToolCall(
  db: Database,
  { conversationId, turnId }: TurnKey,
  id: string,
  from: PausedToolCallState,
): Promise<ClaimedToolCall | null> {
  const claimed = await db.$queryRaw<ClaimedToolCall[]>`
    UPDATE "PausedToolCall" AS call
    SET "state" = 'RUNNING', "updatedAt" = now()
    FROM "Conversation" AS conversation
    WHERE call."id" = ${id} AND call."state" = ${from}::"PausedToolCallState"
      AND conversation."id" = call."conversationId"
      AND conversation."id" = ${conversationId} AND conversation."turnId" = ${turnId}
    RETURNING call."input", call."inputFlow", call."inputOutcomes", call."inputContentSealed",
      call."requestStateSealed"`;
  return claimed[0] ?? null;
}

/** Ends what is still open among these calls, or, without ids, in the whole conversation. */
export async function closePausedToolCalls(
  db: Database,
  conversationId: string,
  to: "DONE" | "SKIPPED",
  toolCallIds?: readonly string[],
): Promise<void> {
  await db.pausedToolCall.updateMany({
    where: {
      conversationId,
      state: { notIn: ["DONE", "SKIPPED"] },
      ...(toolCallIds ? { toolCallId: { in: [...toolCallIds] } } : {}),
    },
    // A person's input is kept only for the call.
    data: { state: to, inputContentSealed: null, requestStateSealed: null },
  });
}
