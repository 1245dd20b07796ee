import type { ToolProfile } from "./tool-profile";
import { isVerb, stem, words } from "./words";

const politeness =
  /^(?:please|kindly|hey|hi|hello|ok|now|can you|could you|would you|will you|i want(?: you)?(?: to)?|i need(?: you)?(?: to)?|i(?:'d| would) like(?: you)?(?: to)?|let(?:'s| us)|help me(?: to)?|tell me|give me)\b[\s,]*/i;
const question =
  /^(?:where (?:is|are|can i find)|what (?:is|are)|what'?s|is there(?: anything)?|how (?:do|can) (?:i|we))\b\s*/i;
const filler =
  /^(?:for|about|of|on|in|that|which|mentions?|mentioning|regarding|the|a|an|all|any|anything|everything|me|my|up|out|with|to|this|from|at|through|by|using|called|named)\b\s*/i;

/** What is left of a message without its request, the tool's own words and the server's name. */
export function restOfSentence(tool: ToolProfile, text: string): string {
  let rest = withoutServer(text, tool).replace(/\s+/g, " ").trim();
  const about = /\b(?:says?|said|know|written|information|info|anything) about (.+)$/i.exec(rest);
  if (about?.[1]) return tidy(about[1]);
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replace(politeness, "").replace(question, "").trim();
  }
  rest = dropLeading(rest, (word) => isVerb(word) || tool.nameStems.has(stem(word)));
  return tidy(dropPlace(tidy(rest), tool));
}

/** `travel costs in all files` looks for the travel costs. */
function dropPlace(text: string, tool: ToolProfile): string {
  const place = /\s+(?:in|from|of|through)(?:\s+(?:all|the|my|our|any|every))*\s+(\p{L}+)$/iu.exec(
    text,
  );
  return place && tool.nameStems.has(stem((place[1] ?? "").toLowerCase()))
    ? text.slice(0, place.index)
    : text;
}

/** A request begins with few words that say nothing of what it is about. */
const mostDropped = 12;

function dropLeading(text: string, isRequest: (word: string) => boolean): string {
  let rest = text;
  for (let dropped = 0; dropped < mostDropped; dropped++) {
    const shorter = rest.replace(filler, "");
    const first = /^[\p{L}\p{N}'_-]+/u.exec(shorter)?.[0] ?? "";
    const [word = ""] = words(first);
    if (first !== "" && isRequest(word)) rest = shorter.slice(first.length).trimStart();
    else return shorter;
  }
  return rest;
}

function withoutServer(text: string, tool: ToolProfile): string {
  const names = words(tool.serverName).filter((word) => tool.serverStems.has(stem(word)));
  if (names.length === 0) return text;
  const preposition = "(?:\\b(?:in|on|from|at|using|with|through|via|of)\\s+)?";
  const name = `\\b(?:${names.join("|")})\\b`;
  const place = `${preposition}(?:\\b(?:the|my|our)\\s+)?${name}(?:[\\s_-]+${name})*(?:\\s+server)?`;
  return text.replace(new RegExp(place, "giu"), " ");
}

function tidy(text: string): string {
  return text
    .replace(/^[\s:,;–-]+|[\s.,;:?!]+$/g, "")
    .replace(/\s+(?:please|thanks|thank you|for me)$/i, "")
    .replace(/(?:\s+(?:in|on|from|at|to|of|and|the|my|our))+$/i, "")
    .trim();
}
