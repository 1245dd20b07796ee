import type { Sealed } from "@/lib/vault/sealed-box";
import { type Database, type DatabaseTransaction, storableJson } from "./client";
import type { TurnKey } from "./conversation";
import type {
  InputFlow,
  OAuthClient,
  PausedToolCall,
  PausedToolCallState,
  Prisma,
} from "./generated/client";

export type { PausedToolCallState };

export type PausedToolCallRow = PausedToolCall & {
  server: { name: string; oauthClient: Pick<OAuthClient, "tokenSharing"> | null };
};

const withServer = {
  server: { select: { name: true, oauthClient: { select: { tokenSharing: true } } } },
} satisfies Prisma.PausedToolCallInclude;

/**
 * Stores a call that waits for a consent or for a word. One that waited before, ran and met the missing consent
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
    state: "AWAITING_AUTHORIZATION" | "AWAITING_CONFIRMATION";
    steppedUp: boolean;
    confirmed: boolean;
  },
): Promise<void> {
  const { conversationId, toolCallId, state, steppedUp, confirmed } = call;
  await db.pausedToolCall.upsert({
    where: { conversationId_toolCallId: { conversationId, toolCallId } },
    create: { ...call, input: storableJson(call.input) as Prisma.InputJsonValue },
    // What the admins were asked for before has been done.
    update: { state, steppedUp, confirmed, adminAskedAt: null },
  });
}

export function listPausedToolCalls(
  db: Database,
  conversationId: string,
): Promise<PausedToolCallRow[]> {
  return db.pausedToolCall.findMany({
    where: { conversationId },
    include: withServer,
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
}

export function findPausedToolCall(
  db: Database,
  where: { id: string; conversationId: string },
): Promise<PausedToolCallRow | null> {
  return db.pausedToolCall.findFirst({ where, include: withServer });
}

/** Which calls of which conversations these rows are. */
export function findToolCallsById(
  db: Database,
  ids: readonly string[],
): Promise<Pick<PausedToolCall, "id" | "conversationId" | "toolCallId">[]> {
  return db.pausedToolCall.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, conversationId: true, toolCallId: true },
  });
}

/** Compare and set: true for the one caller that moved it. */
export async function movePausedToolCall(
  db: Database | DatabaseTransaction,
  id: string,
  change: { from: readonly PausedToolCallState[]; to: PausedToolCallState },
): Promise<boolean> {
  const { count } = await db.pausedToolCall.updateMany({
    where: { id, state: { in: [...change.from] } },
    data: { state: change.to },
  });
  return count > 0;
}

export type ClaimedToolCall = Pick<
  PausedToolCall,
  "input" | "inputFlow" | "inputOutcomes" | "inputContentSealed" | "requestStateSealed"
>;

/**
 * Claims a waiting call for one run, while the turn holds the conversation.
 * @returns what was stored of it; null when another caller was first
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

/** Ends what is still open of these calls, or, without ids, of the whole conversation. */
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
    // What a person entered is kept for the call alone.
    data: { state: to, inputContentSealed: null, requestStateSealed: null },
  });
}

/** What a server asked in the middle of a call. */
export type AskedInput = {
  flow: InputFlow;
  /** InputRequest by the server's keys. */
  requests: object;
  /** How those ended that are answered already, without a person. */
  outcomes: object;
  requestStateSealed: Sealed | null;
};

/** How the questions of a round ended, and what was entered for them. */
export type GivenInput = Pick<PausedToolCall, "inputOutcomes" | "inputContentSealed">;

/**
 * Stores that a call waits for a person's answers, or, with `answered`, that it got all of them at once.
 * @returns which round of this call it is, from 1
 */
export async function storeInputRequest(
  db: Database,
  call: {
    conversationId: string;
    toolCallId: string;
    serverId: string;
    toolName: string;
    input: unknown;
    steppedUp: boolean;
  },
  asked: AskedInput,
  answered: boolean,
): Promise<{ id: string; round: number }> {
  const { conversationId, toolCallId } = call;
  const columns = {
    state: answered ? ("RUNNING" as const) : ("AWAITING_INPUT" as const),
    inputFlow: asked.flow,
    inputRequests: storableJson(asked.requests) as Prisma.InputJsonValue,
    inputOutcomes: asked.outcomes as Prisma.InputJsonValue,
    inputContentSealed: null,
    requestStateSealed: asked.requestStateSealed,
  };
  const row = await db.pausedToolCall.upsert({
    where: { conversationId_toolCallId: { conversationId, toolCallId } },
    create: {
      ...call,
      ...columns,
      input: storableJson(call.input) as Prisma.InputJsonValue,
      inputRound: 1,
    },
    update: { ...columns, steppedUp: call.steppedUp, inputRound: { increment: 1 } },
    select: { id: true, inputRound: true },
  });
  return { id: row.id, round: row.inputRound };
}

/**
 * Adds one answer of a round. The last one of them lets the call go on.
 * @param answer.content what was entered by then, and with this answer
 * @returns false where that round is over, has this answer already, or other content by now
 */
export async function storeInputResponse(
  db: Database,
  id: string,
  answer: {
    round: number;
    key: string;
    action: string;
    content: { before: string | null; after: Sealed | null };
  },
): Promise<boolean> {
  const { round, key, action, content } = answer;
  const added = await db.$executeRaw`
    UPDATE "PausedToolCall" AS call
    SET "inputOutcomes" = coalesce(call."inputOutcomes", '{}') || ${{ [key]: action }}::jsonb,
        "inputContentSealed" = ${content.after},
        "state" = CASE
          WHEN NOT EXISTS (
            SELECT 1 FROM jsonb_object_keys(call."inputRequests") AS asked("key")
            WHERE asked."key" <> ${key} AND NOT coalesce(call."inputOutcomes", '{}') ? asked."key"
          ) THEN 'INPUT_GIVEN'::"PausedToolCallState"
          ELSE call."state"
        END,
        "updatedAt" = now()
    WHERE call."id" = ${id} AND call."state" = 'AWAITING_INPUT'
      AND call."inputRound" = ${round}
      AND call."inputRequests" ? ${key}
      AND NOT coalesce(call."inputOutcomes", '{}') ? ${key}
      AND call."inputContentSealed" IS NOT DISTINCT FROM ${content.before}`;
  return added > 0;
}

/**
 * Takes the answers of a call that stayed open, which one turn does once.
 * @returns the state; `given` where they were there to be taken. Null: the turn or the call is gone
 */
export async function takeInputResponses(
  db: Database,
  { conversationId, turnId }: TurnKey,
  id: string,
): Promise<{ state: PausedToolCallState; given: GivenInput | null } | null> {
  const [taken] = await db.$queryRaw<GivenInput[]>`
    UPDATE "PausedToolCall" AS call
    SET "state" = 'RUNNING', "inputContentSealed" = NULL, "updatedAt" = now()
    FROM (
      SELECT "id", "inputContentSealed" FROM "PausedToolCall"
      WHERE "id" = ${id} AND "state" = 'INPUT_GIVEN' FOR UPDATE
    ) AS given, "Conversation" AS conversation
    WHERE call."id" = given."id" AND conversation."id" = call."conversationId"
      AND conversation."id" = ${conversationId} AND conversation."turnId" = ${turnId}
    RETURNING call."inputOutcomes", given."inputContentSealed"`;
  if (taken) return { state: "RUNNING", given: taken };
  const row = await db.pausedToolCall.findFirst({
    where: { id, conversation: { id: conversationId, turnId } },
    select: { state: true },
  });
  return row && { state: row.state, given: null };
}
