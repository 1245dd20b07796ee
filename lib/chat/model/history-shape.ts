import { isToolPart } from "@/lib/chat/message-in-progress";
import { shortenData } from "@/lib/chat/tool-calls/tool-result";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

/**
 * A person and the assistant take turns, as the templates of many models want it: a message that has
 * nothing to say is left out, and two of the same side become one.
 */
export function inTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const turns: ChatMessage[] = [];
  for (const message of messages) {
    if (!message.parts.some((part) => part.type !== "step-start")) continue;
    const last = turns.at(-1);
    if (last?.role !== message.role) turns.push(message);
    else turns[turns.length - 1] = { ...last, parts: joined(last, message) };
  }
  return turns;
}

function joined(first: ChatMessage, second: ChatMessage): ChatMessage["parts"] {
  if (first.role !== "user") return [...first.parts, { type: "step-start" }, ...second.parts];
  const texts = [...first.parts, ...second.parts].flatMap((part) =>
    part.type === "text" ? [part.text] : [],
  );
  return [{ type: "text", text: texts.join("\n\n") }];
}

/** What of a tool's result stays where there is no room for all of it, in characters. */
const shortest = 500;

/** Within one long turn the oldest results of tools are shortened, the newest last. */
export function shortened(messages: ChatMessage[], budget: number): ChatMessage[] {
  let over = messages.reduce((sum, { parts }) => sum + JSON.stringify(parts).length, -budget);
  if (over <= 0) return messages;
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (over <= 0 || !isToolPart(part) || part.state !== "output-available") return part;
      if (typeof part.output !== "string" || part.output.length <= shortest * 2) return part;
      const output = shortenData(part.output, shortest);
      over -= part.output.length - output.length;
      return { ...part, output };
    }),
  }));
}
