import { cutText } from "@/lib/untrusted-text";
import type { JsonSchema, JsonType } from "./json-schema";

export type PatternRules = {
  /** How long a text or a list may be required to be, or allowed at most; above, in words. */
  mostRepeats: number;
  /** Whether patterns are understood; those with lookahead or lookbehind never are. */
  patterns: "all" | "anchored" | "none";
};

/** What is told in words instead of a keyword. */
export const longestNote = 300;
/** Lookaround, backreferences, names, classes and escapes that not every engine has. */
const unusualPattern = /\(\?[^:]|\\[1-9kpPbBAZzGQEc]|\\u\{|\[\^?\]/;

/**
 * The pattern of a text if the provider takes it, otherwise in words. Servers also write them for other engines than
 * JavaScript's.
 */
export function patternOf(
  { pattern }: JsonSchema,
  type: JsonType | null,
  { patterns, mostRepeats }: PatternRules,
): { keyword?: JsonSchema; note?: string } {
  if (typeof pattern !== "string" || type !== "string") return {};
  const anchored = pattern.startsWith("^") && pattern.endsWith("$");
  const counts = [...pattern.matchAll(/\{(\d+)?(?:,(\d+)?)?\}/g)].flatMap(([, ...each]) => each);
  const isShort = counts.every((count) => Number(count ?? 0) <= mostRepeats);
  const taken =
    compiles(pattern) &&
    !unusualPattern.test(pattern) &&
    isShort &&
    (patterns === "all" || (patterns === "anchored" && anchored));
  return taken ? { keyword: { pattern } } : { note: `It matches ${cutText(pattern, longestNote)}` };
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
