import { cutText } from "@/lib/untrusted-text";
import type { JsonSchema, JsonType } from "./json-schema";

export type PatternRules = {
  /** The highest limit on the length of a string or list; higher ones are described in words. */
  mostRepeats: number;
  /** Whether patterns are understood; those with lookahead or lookbehind never are. */
  patterns: "all" | "anchored" | "none";
};

/** For a description that replaces a keyword, in characters. */
export const longestNote = 300;
/** Lookaround, backreferences, names, classes and escapes that not every engine has. */
const unusualPattern = /\(\?[^:]|\\[1-9kpPbBAZzGQEc]|\\u\{|\[\^?\]/;

/**
 * The pattern if the provider accepts it, otherwise a description in words. Some servers write patterns for engines other
 * than JavaScript's.
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
