import { storableJson } from "@/lib/untrusted-text";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database } from "../client";
import type { TurnKey } from "../conversation";
import type { InputFlow, PausedToolCall, PausedToolCallState, Prisma } from "../generated/client";

/** What a server asked during a call. */
export type AskedInput = {
  flow: InputFlow;
  /** InputRequest by the server's keys. */
  requests: object;
  /** The outcomes of those already answered without a person. */
  outcomes: object;
  requestStateSealed: Sealed | null;
};

/** The outcomes of a round's questions, and what was entered for them. */
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
    account: string | null;
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
    update: {
      ...columns,
      account: call.account,
      steppedUp: call.steppedUp,
      inputRound: { increment: 1 },
    },
    select: { id: true, inputRound: true },
  });
  return { id: row.id, round: row.inputRound };
}

/**
 * Adds one answer of a round. The last one lets the call continue.
 * @param answer.content everything entered so far, including this answer
 * @returns false if that round is over, already has this answer, or has other content by now
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
 * @returns the state; `given` if the answers could be taken. Null: the turn or the call is gone
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
