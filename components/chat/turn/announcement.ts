import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { quotedFrom } from "@/lib/contracts/chat/plain-text-part";
import { oneLine } from "@/lib/untrusted-text";
import { spokenText } from "./spoken-text";

/** Characters that are read out; the rest is there to be read. */
const longest = 1_200;

/** A finished answer in plain words, and what it waits for. */
export function announcement(message: ChatMessage): string {
  const last = message.parts.at(-1);
  const failure = last?.type === "data-turn-error" ? last.data.message : "";
  return [spokenAnswer(message), failure, waitingWords(message)]
    .filter((words) => words !== "")
    .join("\n");
}

function spokenAnswer({ parts }: ChatMessage): string {
  const words = parts.flatMap((part) => {
    if (part.type !== "text" || part.text.trim() === "") return [];
    return [quotedFrom(part) ? part.text.slice(0, longest + 1).trim() : spokenText(part.text)];
  });
  const text = words.join("\n");
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** What the last step waits for a person to do; empty where that is nothing. */
export function waitingWords(message: ChatMessage): string {
  const from = message.parts.findLastIndex((part) => part.type === "step-start") + 1;
  const step = message.parts.slice(from);
  const open = new Set(
    step.flatMap((part) =>
      part.type === "dynamic-tool" && !part.state.startsWith("output") ? [part.toolCallId] : [],
    ),
  );
  const words = step.flatMap((part) => {
    if (part.type === "data-authorization-required") {
      const waits = part.data.toolCallIds.some((id) => open.has(id));
      return waits ? [`${oneLine(part.data.serverName)} needs your authorization.`] : [];
    }
    if (part.type === "data-confirmation-required" && open.has(part.data.toolCallId)) {
      const { toolTitle, serverName } = part.data;
      return [`Waiting for your confirmation: ${oneLine(toolTitle)}, ${oneLine(serverName)}.`];
    }
    if (part.type === "data-input-required" && open.has(part.data.toolCallId)) {
      const asks = Object.keys(part.data.outcomes).length < Object.keys(part.data.requests).length;
      return asks ? [`${oneLine(part.data.serverName)} asks a question.`] : [];
    }
    return [];
  });
  return [...new Set(words)].join("\n");
}
