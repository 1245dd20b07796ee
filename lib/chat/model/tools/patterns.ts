import { cutText } from "@/lib/untrusted-text";
import type { JsonSchema, JsonType } from "./json-schema";

export type PatternRules = {
  /** The highest limit on the length of a string or list; higher ones are described in words. */
  mostRepeats: number;
  /** Whether patterns are understood; those with lookahead or lookbehind never are. */
  patterns: "all" | "grammar" | "none";
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
  const counts = [...pattern.matchAll(/\{(\d+)?(?:,(\d+)?)?\}/g)].flatMap(([, ...each]) => each);
  const isShort = counts.every((count) => Number(count ?? 0) <= mostRepeats);
  const taken =
    compiles(pattern) &&
    !unusualPattern.test(pattern) &&
    isShort &&
    (patterns === "all" || (patterns === "grammar" && fitsGrammar(pattern)));
  return taken ? { keyword: { pattern } } : { note: `It matches ${cutText(pattern, longestNote)}` };
}

const charClass = /\[(?:\\.|[^\]\\])*\]/g;
/** What llama.cpp's grammars can escape in a class, and outside of one. */
const escapedInClass = /\\[^xuUtrn"[\]\\]/;
const escapedOutside = /\\[^xuUtrn"[\]\\^$.()|{}*+?]/;

/**
 * Whether llama.cpp's grammars can say it. Anchors within are taken for characters.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
 */
function fitsGrammar(pattern: string): boolean {
  const [, inner] = /^\^([\s\S]*)\$$/.exec(pattern) ?? [];
  if (inner === undefined) return false;
  const outside = inner.replace(charClass, "").replaceAll("\\\\", "");
  const classes = inner.match(charClass)?.map((each) => each.replaceAll("\\\\", "")) ?? [];
  const hasAnchor = /[\^$]/.test(outside.replace(/\\./g, ""));
  return (
    !hasAnchor && !escapedOutside.test(outside) && !classes.some((c) => escapedInClass.test(c))
  );
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
