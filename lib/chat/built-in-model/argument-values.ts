import { mask, type Sentence, type Token } from "./sentence";
import type { Parameter, ToolProfile } from "./tool-profile";
import { isVerb, stem, words } from "./words";

export function markedText(text: string): string | undefined {
  const match =
    /\b(?:with(?: the)? (?:text|content|body|words)|saying|that says|containing)\b:?\s+([\s\S]+)$/i.exec(
      text,
    ) ?? /:\s+([\s\S]+)$/.exec(text);
  return match?.[1]?.trim() || undefined;
}

export function formatted(parameter: Parameter, sentence: Sentence): readonly Token[] {
  if (parameter.type !== "string") return [];
  const name = words(parameter.name);
  if (parameter.format === "email" || name.includes("email")) return sentence.emails;
  if (parameter.format === "uri" || name.includes("url") || name.includes("uri")) {
    return sentence.urls;
  }
  if (parameter.format === "date" || parameter.format === "date-time" || name.includes("date")) {
    return sentence.dates;
  }
  return [];
}

export function choiceIn(parameter: Parameter, text: string): string | undefined {
  const said = ` ${words(text).join(" ")} `;
  return parameter.choices.find((choice) => said.includes(` ${words(choice).join(" ")} `));
}

/** `recursive` and `not recursive`. */
export function flagIn(parameter: Parameter, text: string): boolean | undefined {
  if (parameter.type !== "boolean") return undefined;
  const name = words(parameter.name).filter((word) => !["is", "include", "with"].includes(word));
  const said = ` ${words(text).join(" ")} `;
  const at = said.indexOf(` ${name.join(" ")} `);
  const stemmed = at >= 0 ? at : said.indexOf(` ${name.join(" ")}ly `);
  if (stemmed < 0 || name.length === 0) return undefined;
  return !/\b(not|no|without|non|don t)( include| with)? ?$/.test(said.slice(0, stemmed));
}

export function isBeside(text: string, token: Token, name: string): boolean {
  const before = words(text.slice(Math.max(0, token.start - 60), token.start)).slice(-2);
  const after = words(text.slice(token.end, token.end + 60)).slice(0, 1);
  const parts = words(name);
  const means = parts.some((part) => ["limit", "count", "max", "top"].includes(part));
  const aliases = means ? [...parts, "first", "top", "last", "most", "limit"] : parts;
  return [...before, ...after].some((word) => aliases.includes(word));
}

export function convert(parameter: Parameter, value: string): unknown {
  switch (parameter.type) {
    case "number":
    case "integer": {
      const number = Number(value);
      if (!Number.isFinite(number) || value.trim() === "") return undefined;
      return parameter.type === "integer" ? Math.trunc(number) : number;
    }
    case "boolean":
      if (/^(true|yes|on|1)$/i.test(value)) return true;
      return /^(false|no|off|0)$/i.test(value) ? false : undefined;
    case "array": {
      const items = value.split(/[,;]| and /).map((item) => item.trim());
      return items.filter((item) => item !== "");
    }
    case "object":
      return undefined;
    default:
      if (parameter.choices.length === 0) return value;
      return parameter.choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
  }
}

export function sameName(one: string, other: string): boolean {
  return words(one).join(" ") === words(other).join(" ");
}

export function takesAnyWords({ type, choices, format }: Parameter): boolean {
  return type === "string" && choices.length === 0 && format === null;
}

/** `budget, limit 5` looks for the budget. */
export function withoutUsed(text: string, used: ReadonlySet<Token>): string {
  const rest = mask(text, [...used]);
  return rest === text
    ? text
    : rest.replace(/,?\s*\b(?:limit|first|top|last|max|at most)\b(?=\s{2,}|\s*$)/gi, " ");
}

const politeness =
  /^(?:please|kindly|hey|hi|hello|ok|now|can you|could you|would you|will you|i want(?: you)?(?: to)?|i need(?: you)?(?: to)?|i(?:'d| would) like(?: you)?(?: to)?|let(?:'s| us)|help me(?: to)?|tell me|give me)\b[\s,]*/i;
const question =
  /^(?:where (?:is|are|can i find)|what (?:is|are)|what'?s|is there(?: anything)?|how (?:do|can) (?:i|we))\b\s*/i;
const filler =
  /^(?:for|about|of|on|in|that|which|mentions?|mentioning|regarding|the|a|an|all|any|anything|everything|me|my|up|out|with|to|this|from|at|through|by|using|called|named)\b\s*/i;

/** What remains of a message without its request, the tool's own words and the server's name. */
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

/** A request starts with a few words that do not say what it is about. */
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
