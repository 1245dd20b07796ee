import { readAccess } from "@/lib/access/read-access";
import type { ChatContext, ChatUser, InputResponse } from "@/lib/chat/context";
import { viewPausedToolCalls } from "@/lib/chat/conversation-view";
import { conversationNotFound } from "@/lib/chat/conversations";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { InputAnswer, InputRequest } from "@/lib/contracts/elicitation/elicitation";
import { checkElicitationAnswer } from "@/lib/contracts/elicitation/elicitation-answer";
import { findConversation, readTurnState } from "@/lib/db/conversation";
import { storeInputResponse } from "@/lib/db/input/asked-input";
import { findPausedToolCall } from "@/lib/db/paused-tool-call";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { type EnteredContent, openInput, sealInput } from "./sealed-input";

/**
 * Stores a person's answer to a server's question. A call that stayed open takes it from there;
 * any other continues with the next `resume`. Nothing in an answer is logged.
 * @throws NotFoundError no such call in a conversation of this person
 * @throws InvalidInputError the answer does not fit the form, by field
 * @throws ConflictError that question is answered, or no longer asked
 */
export async function answerInput(
  ctx: ChatContext,
  user: ChatUser,
  where: { conversationId: string; pausedToolCallId: string },
  answer: InputAnswer,
): Promise<PausedToolCallView> {
  const { conversationId, pausedToolCallId: id } = where;
  const conversation = await findConversation(ctx.db, { id: conversationId, userId: user.id });
  if (!conversation) throw conversationNotFound();
  const { assistantId, accounts } = conversation;
  const row = await findPausedToolCall(ctx.db, { id, conversationId });
  const turnState = await readTurnState(ctx.db, conversationId);
  const [before] = await view();
  if (!row || !before) throw notAsked();
  const { serverId } = row;
  const access = await readAccess(ctx.db, user, { assistantId, servers: [serverId] });
  if (!access.mayCall({ assistantId, serverId })) throw notAsked();
  if (before.state !== "AWAITING_INPUT") throw overAlready();

  const requests = (row.inputRequests ?? {}) as Record<string, InputRequest>;
  const request = Object.hasOwn(requests, answer.key) ? requests[answer.key] : undefined;
  if (!request) throw notAsked();
  if (!(await store(ctx, { id, conversationId }, answer, responseTo(request, answer)))) {
    throw overAlready();
  }
  const [after] = await view();
  if (!after) throw notAsked();
  return after;

  async function view(): Promise<PausedToolCallView[]> {
    const found = await findPausedToolCall(ctx.db, { id, conversationId });
    const around = { assistantId, accounts, messages: [], turnState };
    return viewPausedToolCalls(ctx, user, found ? [found] : [], around);
  }
}

/** Concurrent with other answers of the round and a key rotation, each of which it may meet a few times. */
const mostTries = 10;

/** @returns false if that round is over, or already has this answer */
async function store(
  ctx: ChatContext,
  where: { id: string; conversationId: string },
  { round, key }: InputAnswer,
  response: InputResponse,
): Promise<boolean> {
  const column = "inputContentSealed";
  for (let tries = 0; tries < mostTries; tries += 1) {
    const row = await findPausedToolCall(ctx.db, where);
    if (row?.state !== "AWAITING_INPUT" || row.inputRound !== round) return false;
    if (Object.hasOwn((row.inputOutcomes ?? {}) as object, key)) return false;
    const before = row.inputContentSealed;
    const entered = {
      ...(openInput(ctx.keyring, row, column, before) as EnteredContent | null),
      ...("content" in response ? { [key]: response.content } : {}),
    };
    const after = sealInput(ctx.keyring, row, column, entered);
    const stored = { round, key, action: response.action, content: { before, after } };
    if (await storeInputResponse(ctx.db, where.id, stored)) return true;
  }
  return false;
}

function responseTo(request: InputRequest, { action, content }: InputAnswer): InputResponse {
  if (action !== "accept") return { action };
  if (request.mode === "refused") throw notAsked();
  if (request.mode === "url") return { action };
  const checked = checkElicitationAnswer(request.fields, content ?? {});
  if (!checked.ok) throw new InvalidInputError(Object.fromEntries(checked.problems));
  return { action, content: checked.content };
}

function overAlready(): ConflictError {
  return new ConflictError(
    "This was answered already, or nobody waits for the answer any more. Reload the page to see.",
  );
}

function notAsked(): NotFoundError {
  return new NotFoundError("That question is not there any more. Reload the page.");
}
