import type { ChatContext, InputResponse, InputResponses } from "@/lib/chat/context";
import type { ToolboxTool } from "@/lib/chat/tool-calls/toolbox";
import type { Turn } from "@/lib/chat/turn/turn";
import {
  type InputRequest,
  type InputRequiredPart,
  readInputRequest,
} from "@/lib/contracts/elicitation/elicitation";
import { type AskedInput, type GivenInput, storeInputRequest } from "@/lib/db/input/asked-input";
import { type EnteredContent, openInput, sealInput } from "./sealed-input";

/** How often one call may ask. A server that never stops asking keeps no one busy. */
export const mostInputRounds = 10;

/** A call whose server may ask the person something. */
export type AskingCall = {
  tool: ToolboxTool;
  toolCallId: string;
  input: unknown;
  /** The account that it runs with; null: the server leaves no choice. */
  account: string | null;
  steppedUp: boolean;
};

export type InputPrompt = {
  pausedToolCallId: string;
  round: number;
  /** Questions declined without asking the person, who is told why. */
  refused: InputResponses;
  /** Nothing is left for the person to answer. */
  answered: boolean;
};

/** Stores what is asked and shows it to the person in the chat, with the name of the asking server. */
export async function promptForInput(
  ctx: ChatContext,
  turn: Turn,
  call: AskingCall,
  asked: {
    flow: AskedInput["flow"];
    requests: Readonly<Record<string, Parameters<typeof readInputRequest>[0]>>;
    requestState: string | null;
  },
): Promise<InputPrompt> {
  const requests = Object.fromEntries(
    Object.entries(asked.requests).map(([key, request]) => [key, readInputRequest(request)]),
  );
  const refused = declined(requests);
  const answered = Object.keys(refused).length === Object.keys(requests).length;
  const { tool, toolCallId, input, account, steppedUp } = call;
  const { flow, requestState } = asked;
  const where = { conversationId: turn.conversationId, toolCallId };
  const requestStateSealed =
    requestState === null
      ? null
      : sealInput(ctx.keyring, where, "requestStateSealed", requestState);
  const { id, round } = await storeInputRequest(
    ctx.db,
    {
      ...{ ...where, input, account, steppedUp },
      serverId: tool.serverId,
      toolName: tool.toolName,
    },
    { flow, requests, outcomes: outcomesOf(refused), requestStateSealed },
    answered,
  );
  const { serverId, serverName } = tool;
  turn.write({
    type: "data-input-required",
    id: `input-${toolCallId}`,
    data: { toolCallId, serverId, serverName, round, requests, outcomes: outcomesOf(refused) },
  });
  await turn.save();
  return { pausedToolCallId: id, round, refused, answered };
}

/** Keeps the outcome of each question, not the answer. */
export function writeOutcomes(
  turn: Turn,
  toolCallId: string,
  outcomes: InputRequiredPart["outcomes"],
): void {
  const id = `input-${toolCallId}`;
  const part = turn.message.parts.find(
    (each) => each.type === "data-input-required" && each.id === id,
  );
  if (part?.type !== "data-input-required") return;
  const data = { ...part.data, outcomes: { ...part.data.outcomes, ...outcomes } };
  turn.write({ type: "data-input-required", id, data });
}

/** The answers, in the form sent to the server. @throws SealedBoxError */
export function responsesOf(
  ctx: ChatContext,
  call: { conversationId: string; toolCallId: string },
  { inputOutcomes, inputContentSealed }: GivenInput,
): InputResponses {
  const opened = openInput(ctx.keyring, call, "inputContentSealed", inputContentSealed);
  const entered = (opened ?? {}) as EnteredContent;
  const outcomes = (inputOutcomes ?? {}) as Record<string, InputResponse["action"]>;
  return Object.fromEntries(
    Object.entries(outcomes).map(([key, action]) => {
      const content = Object.hasOwn(entered, key) ? entered[key] : undefined;
      return [key, action === "accept" && content ? { action, content } : { action }];
    }),
  );
}

export function outcomesOf(responses: InputResponses): InputRequiredPart["outcomes"] {
  return Object.fromEntries(Object.entries(responses).map(([key, { action }]) => [key, action]));
}

function declined(requests: Readonly<Record<string, InputRequest>>): InputResponses {
  return Object.fromEntries(
    Object.entries(requests)
      .filter(([, request]) => request.mode === "refused")
      .map(([key]) => [key, { action: "decline" as const }]),
  );
}
