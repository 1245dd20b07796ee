import { describeToolCall, type ToolCall } from "@/components/chat/tool-calls/tool-call";
import type {
  ChatMessage,
  PausedToolCallView,
  ToolCallAccountPart,
  TurnErrorPart,
} from "@/lib/contracts/chat/chat";
import { quotedFrom } from "@/lib/contracts/chat/conversation";
import type {
  AccountRequiredPart,
  AuthorizationRequiredPart,
} from "@/lib/contracts/chat/prompt-parts";
import type { InputRequiredPart } from "@/lib/contracts/elicitation/elicitation";

/** A message as rendered, top to bottom. Keys stay the same while the message grows. */
export type MessageBlock =
  | { kind: "text" | "quoted" | "reasoning"; key: string; text: string; streaming: boolean }
  | { kind: "tool-calls"; key: string; calls: ToolCall[] }
  | ({ kind: "prompts"; key: string } & Prompts)
  | { kind: "confirmation"; key: string; call: ToolCall }
  | { kind: "error"; key: string; error: TurnErrorPart }
  | { kind: "notice"; key: string; text: string }
  | { kind: "source"; key: string; title: string; url: string }
  | { kind: "file"; key: string; title: string };

/** Everything that a message needs from the person. */
export type Prompts = {
  entries: AuthorizationEntry[];
  choices: AccountEntry[];
  inputs: InputEntry[];
};

/** A choice among the accounts at one server, and the calls of this message that wait or waited for it. */
export type AccountEntry = { prompt: AccountRequiredPart; calls: ToolCall[] };

/** A consent to one server, and the calls of this message that wait or waited for it. */
export type AuthorizationEntry = { prompt: AuthorizationRequiredPart; calls: ToolCall[] };

/** What the server of a call in this message asks or asked during the call. */
export type InputEntry = { prompt: InputRequiredPart; call: ToolCall | null };

type Part = ChatMessage["parts"][number];

/**
 * Consecutive calls without text between them share one block. So does everything that
 * the message needs from a person, whatever step asked for it: it is placed where the last of it was requested.
 */
export function messageBlocks(
  message: ChatMessage,
  { paused, busy }: { paused: readonly PausedToolCallView[]; busy: boolean },
): MessageBlock[] {
  const accounts = new Map<string, ToolCallAccountPart>();
  const prompted = new Map<string, AuthorizationRequiredPart>();
  const choosing = new Set<string>();
  const asked = new Set<string>();
  for (const part of message.parts) {
    if (part.type === "data-tool-call-account") accounts.set(part.data.toolCallId, part.data);
    if (part.type === "data-confirmation-required") asked.add(part.data.toolCallId);
    if (part.type === "data-authorization-required") {
      for (const id of part.data.toolCallIds) prompted.set(id, part.data);
    }
    if (part.type === "data-account-required") {
      for (const id of part.data.toolCallIds) choosing.add(id);
    }
  }
  const calls = new Map<string, ToolCall>();
  const blocks: MessageBlock[] = [];
  for (const [index, part] of message.parts.entries()) {
    if (part.type === "dynamic-tool") {
      const call = describeToolCall(part, {
        account: accounts.get(part.toolCallId) ?? null,
        paused: paused.find((each) => each.toolCallId === part.toolCallId) ?? null,
        prompt: prompted.get(part.toolCallId) ?? null,
        choosing: choosing.has(part.toolCallId),
        asked: asked.has(part.toolCallId),
        busy,
      });
      calls.set(call.id, call);
      const last = blocks.at(-1);
      if (last?.kind === "tool-calls") last.calls.push(call);
      else blocks.push({ kind: "tool-calls", key: call.id, calls: [call] });
    } else if (part.type === "data-authorization-required") {
      const card = takeCard(blocks);
      blocks.push({ ...card, entries: joined(card.entries, part.data, calls) });
    } else if (part.type === "data-account-required") {
      const card = takeCard(blocks);
      blocks.push({ ...card, choices: joined(card.choices, part.data, calls) });
    } else if (part.type === "data-input-required") {
      const card = takeCard(blocks);
      const call = calls.get(part.data.toolCallId) ?? null;
      blocks.push({ ...card, inputs: [...card.inputs, { prompt: part.data, call }] });
    } else {
      const block = blockOf(part, `${index}`, {
        calls,
        prompted: new Set([...prompted.keys(), ...choosing]),
      });
      if (block) blocks.push(block);
    }
  }
  return inOrderOfCalls(blocks, [...calls.keys()]);
}

/** Questions about several calls are in call order, whichever was stored first. */
function inOrderOfCalls(blocks: readonly MessageBlock[], callIds: readonly string[]) {
  const sorted = blocks
    .filter((block) => block.kind === "confirmation")
    .toSorted((one, other) => callIds.indexOf(one.key) - callIds.indexOf(other.key));
  return blocks.map((block) => (block.kind === "confirmation" ? (sorted.shift() ?? block) : block));
}

/** A message's card, moved from its previous place. */
function takeCard(blocks: MessageBlock[]): Extract<MessageBlock, { kind: "prompts" }> {
  const at = blocks.findIndex((block) => block.kind === "prompts");
  const [card] = at < 0 ? [] : blocks.splice(at, 1);
  return card?.kind === "prompts"
    ? card
    : { kind: "prompts", key: "prompts", entries: [], choices: [], inputs: [] };
}

/** An account requested in an earlier step keeps its entry, which shows the latest request. */
function joined<Prompt extends AuthorizationRequiredPart | AccountRequiredPart>(
  entries: readonly { prompt: Prompt; calls: ToolCall[] }[],
  prompt: Prompt,
  calls: ReadonlyMap<string, ToolCall>,
): { prompt: Prompt; calls: ToolCall[] }[] {
  const before = entries.find((entry) => promptKey(entry.prompt) === promptKey(prompt));
  const toolCallIds = [...new Set([...(before?.prompt.toolCallIds ?? []), ...prompt.toolCallIds])];
  const entry = {
    prompt: { ...prompt, toolCallIds },
    calls: toolCallIds.flatMap((id) => calls.get(id) ?? []),
  };
  return before ? entries.map((each) => (each === before ? entry : each)) : [...entries, entry];
}

/** By its subject: a server, or one of the accounts there. */
export function promptKey(prompt: AuthorizationRequiredPart | AccountRequiredPart): string {
  const account = "account" in prompt ? prompt.account : undefined;
  return account === undefined ? prompt.serverId : `${prompt.serverId} ${account}`;
}

function blockOf(
  part: Part,
  key: string,
  { calls, prompted }: { calls: ReadonlyMap<string, ToolCall>; prompted: ReadonlySet<string> },
): MessageBlock | null {
  switch (part.type) {
    case "text":
    case "reasoning": {
      const streaming = part.state === "streaming";
      const kind = part.type === "text" && quotedFrom(part) ? "quoted" : part.type;
      return part.text.trim() === "" ? null : { kind, key, text: part.text, streaming };
    }
    case "data-confirmation-required": {
      const call = calls.get(part.data.toolCallId);
      // A call that lost its connection in the meantime is shown where its consent is asked.
      const open = call?.phase === "needs-confirmation" && !prompted.has(call.id);
      return open ? { kind: "confirmation", key: call.id, call } : null;
    }
    case "data-turn-notice":
      return { kind: "notice", key, text: part.data.message };
    case "data-turn-error":
      return { kind: "error", key, error: part.data };
    case "source-url":
      return { kind: "source", key, title: part.title || part.url, url: part.url };
    case "file":
      return { kind: "file", key, title: part.filename || part.mediaType };
    default:
      return null;
  }
}

/** The words of a message, for copying and for reading aloud. */
export function messageText(message: ChatMessage): string {
  return message.parts
    .flatMap((part) => (part.type === "text" && part.text.trim() !== "" ? [part.text.trim()] : []))
    .join("\n\n");
}
