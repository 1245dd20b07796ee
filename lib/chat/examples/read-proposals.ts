import { longestExample, mostExamples, tidyExamples } from "@/lib/contracts/assistant-examples";
import { cutText, oneLine } from "@/lib/untrusted-text";

/** UTF-16 code units of an answer that are read: a few sentences, and reasoning that a model writes before. */
export const longestAnswer = 16_000;

/**
 * The sentences in a model's answer, which is data: a JSON list, or a list with one sentence per line. Those that
 * name a tool are left out.
 *
 * @param toolNames the servers' names and those of the model's API
 */
export function readProposals(answer: string, toolNames: readonly string[]): string[] {
  const text = cutText(answer, longestAnswer).replace(
    /<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/gi,
    "",
  );
  const names = technicalNames(toolNames);
  const sentences = (jsonList(text) ?? lines(text))
    .map((sentence) => oneLine(unwrapped(sentence), longestExample))
    .filter((sentence) => /\p{L}/u.test(sentence) && !namesTool(sentence, names));
  return tidyExamples(sentences).slice(0, mostExamples);
}

/** Null if the answer has no list of strings. For a truncated list, the complete strings. */
function jsonList(text: string): string[] | null {
  const [from, to] = [text.indexOf("["), text.lastIndexOf("]")];
  if (from < 0) return null;
  const list = parsed(text.slice(from, to + 1));
  const texts = Array.isArray(list)
    ? list.flatMap(textIn)
    : (text.slice(from).match(/"(?:[^"\\\n]|\\.)*"/g) ?? []).flatMap((each) =>
        textIn(parsed(each)),
      );
  return texts.length > 0 ? texts : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** Some models wrap each sentence in an object. */
function textIn(item: unknown): string[] {
  if (typeof item === "string") return [item];
  if (typeof item !== "object" || item === null || Array.isArray(item)) return [];
  return Object.values(item)
    .filter((value) => typeof value === "string")
    .slice(0, 1);
}

const mark = /^\s*(?:[-*•–]|\d{1,2}[.):])\s+/;

/** From a list with markers, the marked lines; otherwise all that are not introductions. A single line is no list. */
function lines(text: string): string[] {
  const all = text.split(/[\r\n]+/).filter((line) => line.trim() !== "" && !/^\s*```/.test(line));
  const marked = all.filter((line) => mark.test(line));
  if (marked.length > 0) return marked.map((line) => line.replace(mark, ""));
  const items = all.filter((line) => !/:\s*$/.test(line));
  return items.length > 1 ? items : [];
}

const around = "[\"“”'‘’`«»*_]+";
const wrapped = new RegExp(`^${around}(.*?)${around}$`, "s");

/** Without the emphasis and quotes around the whole text. */
function unwrapped(sentence: string): string {
  const start = cutText(sentence.trim().replace(/,$/, ""), longestExample * 2);
  return wrapped.exec(start)?.[1] ?? start;
}

/** A name such as `search` is also a common word in plain requests. */
function technicalNames(toolNames: readonly string[]): string[] {
  const technical = toolNames.filter(
    (name) => name.trim().length > 2 && /[^a-zA-Z]|[a-z][A-Z]/.test(name),
  );
  return technical.map((name) => name.toLowerCase());
}

function namesTool(sentence: string, names: readonly string[]): boolean {
  const text = sentence.toLowerCase();
  return names.some((name) => text.includes(name));
}
