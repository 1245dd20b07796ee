import type { ProviderMetadata } from "ai";
import { decodedPart } from "@/lib/parse-url";

/** For the chat's page. @param path of a URL, with or without its query @returns null: a new conversation */
export function conversationIdOf(path: string): string | null {
  const part = /^\/chat\/([^/?#]+)/.exec(path)?.[1];
  // What cannot be decoded is no conversation's URL; a request for it gets an error that says so.
  return part === undefined ? null : (decodedPart(part) ?? part);
}

export const newConversationTitle = "New conversation";

const longestTitle = 60;

/** The first line of a message, truncated at a word. */
export function titleFrom(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.replace(/\s+/g, " ").trim() ?? "";
  if (line.length <= longestTitle) return line || newConversationTitle;
  const cut = line.slice(0, longestTitle).replace(/\p{Surrogate}$/u, "");
  const atWord = cut.lastIndexOf(" ");
  return `${atWord > longestTitle / 2 ? cut.slice(0, atWord) : cut}…`;
}

/** The source of the text that a plain-text part of a message quotes. */
export type QuotedFrom = { serverName: string; toolName: string };

/** Marks a text part of a message as plain text: it is shown verbatim, and none of it is Markdown. */
export function plainTextMetadata(from: QuotedFrom): ProviderMetadata {
  return { usher: { format: "plain", ...from } };
}

/** Null: the part is Markdown. */
export function quotedFrom(part: {
  providerMetadata?: ProviderMetadata | undefined;
}): QuotedFrom | null {
  const ours = part.providerMetadata?.usher;
  if (ours?.format !== "plain") return null;
  return { serverName: nameIn(ours.serverName), toolName: nameIn(ours.toolName) };
}

function nameIn(value: unknown): string {
  return typeof value === "string" ? value : "unknown";
}
