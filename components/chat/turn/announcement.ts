import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { quotedFrom } from "@/lib/contracts/chat/conversation";
import { oneLine } from "@/lib/untrusted-text";

/** Characters that are read out; the rest can be read on the page. */
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

/** What the last step needs a person to do; empty if nothing. */
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
      return waits ? [`${oneLine(part.data.serverName)} needs authorization.`] : [];
    }
    if (part.type === "data-account-required") {
      const waits = part.data.toolCallIds.some((id) => open.has(id));
      return waits ? [`Choose the account that ${oneLine(part.data.serverName)} should use.`] : [];
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

/** Characters of a text that are searched for words. */
const longestRead = 6_000;

/** Markdown as a person would read it aloud: its words, without its signs and the addresses of links. */
export function spokenText(markdown: string): string {
  let fenced = false;
  const lines: string[] = [];
  for (const line of markdown.slice(0, longestRead).split(/\r\n?|\n/)) {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    else lines.push(fenced ? line.trim() : spokenLine(line));
  }
  return lines.filter((line) => line !== "").join("\n");
}

function spokenLine(line: string): string {
  // A rule, a table's second line, a heading's underline, the target of a link.
  if (/^[\s>|:*_=-]*$/.test(line) || /^\s*\[[^\]]{1,200}\]:\s/.test(line)) return "";
  const text = line
    .replace(/^(?:\s|>|[-+*]\s|\d{1,9}[.)]\s)*(?:#{1,6}\s+)?/, "")
    .replace(/^\[([ xX])\]\s/, (_, mark: string) => (mark === " " ? "To do: " : "Done: "))
    .replace(/!\[([^[\]]{0,300})\]\([^()]{0,2000}\)/g, "Image: $1")
    .replace(/\[([^[\]]{1,300})\](?:\([^()]{0,2000}\)|\[[^[\]]{0,200}\])/g, "$1")
    .replace(/\[\^[^[\]]{1,100}\]/g, "")
    .replace(/<((?:https?:\/\/|mailto:)[^<>\s]{1,2000})>/g, "$1");
  return withoutMarks(text)
    .replace(/^\s*\|\s*|\s*\|\s*$/g, "")
    .replace(/(?<!\\)\s*\|\s*/g, ", ")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/&(amp|lt|gt|quot|nbsp);/g, (_, name: keyof typeof entities) => entities[name])
    .trim();
}

/** Stars and code marks; underscores only around words, as names have them inside. */
function withoutMarks(text: string): string {
  return text
    .replace(/(?<!\\)(?:\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|`+)/g, "")
    .replace(/(?<![\\\p{L}\p{N}])_{1,3}(?=\S)|(?<=[^\s\\])_{1,3}(?![\p{L}\p{N}])/gu, "");
}

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " " } as const;
