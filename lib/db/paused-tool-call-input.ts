import type { Database } from "./client";
import type { TurnKey } from "./conversation-turn";
import type { InputFlow, PausedToolCallState, Prisma } from "./generated/client";

/** What a server asked in the middle of a call. */
export type AskedInput = {
  flow: InputFlow;
  /** InputRequest by the server's keys. */
  requests: object;
  /** What is answered already, without a person. */
  responses: object;
  requestState: string | null;
};

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
    inputRequests: asked.requests as Prisma.InputJsonValue,
    inputResponses: asked.responses as Prisma.InputJsonValue,
    requestState: asked.requestState,
  };
  const row = await db.pausedToolCall.upsert({
    where: { conversationId_toolCallId: { conversationId, toolCallId } },
    create: { ...call, ...columns, input: call.input as Prisma.InputJsonValue, inputRound: 1 },
    update: { ...columns, steppedUp: call.steppedUp, inputRound: { increment: 1 } },
    select: { id: true, inputRound: true },
  });
  return { id: row.id, round: row.inputRound };
}

/**
 * Adds one answer of a round. The last one of them lets the call go on.
 * @returns false where that round is over, or has this answer already
 */
export async function storeInputResponse(
  db: Database,
  id: string,
  answer: { round: number; key: string; response: object },
): Promise<boolean> {
  const { round, key, response } = answer;
  const added = await db.$executeRaw`
    UPDATE "PausedToolCall" AS call
    SET "inputResponses" = given."responses",
        "state" = CASE
          WHEN NOT EXISTS (
            SELECT 1 FROM jsonb_object_keys(call."inputRequests") AS asked("key")
            WHERE NOT given."responses" ? asked."key"
          ) THEN 'INPUT_GIVEN'::"PausedToolCallState"
          ELSE call."state"
        END,
        "updatedAt" = now()
    FROM (
      SELECT "id", coalesce("inputResponses", '{}') || ${{ [key]: response }}::jsonb AS "responses"
      FROM "PausedToolCall" WHERE "id" = ${id} FOR UPDATE
    ) AS given
    WHERE call."id" = given."id" AND call."state" = 'AWAITING_INPUT'
      AND call."inputRound" = ${round}
      AND call."inputRequests" ? ${key}
      AND NOT coalesce(call."inputResponses", '{}') ? ${key}`;
  return added > 0;
}

/**
 * Takes the answers of a call that stayed open, which one turn does once.
 * @returns the state; `responses` where they were there to be taken. Null: the turn or the call is gone
 */
export async function takeInputResponses(
  db: Database,
  { conversationId, turnId }: TurnKey,
  id: string,
): Promise<{ state: PausedToolCallState; responses: unknown } | null> {
  const [taken] = await db.$queryRaw<{ inputResponses: unknown }[]>`
    UPDATE "PausedToolCall" AS call
    SET "state" = 'RUNNING', "inputResponses" = NULL, "updatedAt" = now()
    FROM (
      SELECT "id", "inputResponses" FROM "PausedToolCall"
      WHERE "id" = ${id} AND "state" = 'INPUT_GIVEN' FOR UPDATE
    ) AS given, "Conversation" AS conversation
    WHERE call."id" = given."id" AND conversation."id" = call."conversationId"
      AND conversation."id" = ${conversationId} AND conversation."turnId" = ${turnId}
    RETURNING given."inputResponses"`;
  if (taken) return { state: "RUNNING", responses: taken.inputResponses };
  const row = await db.pausedToolCall.findFirst({
    where: { id, conversation: { id: conversationId, turnId } },
    select: { state: true },
  });
  return row && { state: row.state, responses: null };
}
