import { type ClassValue, clsx } from "clsx";
import { covers, groupOf } from "./class-groups";

const merged = new Map<string, string>();

/**
 * Joins class names; of two Tailwind classes that set the same thing, the later one wins. It is on
 * every page: tailwind-merge does the same for all of Tailwind in six times the bytes. A test
 * compares the two for every class in the source, and names what is missing here.
 */
export function cn(...classes: ClassValue[]): string {
  const text = clsx(classes);
  let result = merged.get(text);
  if (result === undefined) {
    result = merge(text);
    if (merged.size >= 1000) merged.clear();
    merged.set(text, result);
  }
  return result;
}

/** `dark:hover:` `bg-text` `!`; a colon in brackets ends no condition. */
const parts = /^((?:(?:[^[\]():]|\[(?:[^[\]]|\[[^\]]*\])*\]|\([^)]*\))+:)*)(.*?)(!?)$/;

function merge(text: string): string {
  const taken = new Set<string>();
  const kept: string[] = [];
  for (const name of text.split(" ").reverse()) {
    const [, conditions = "", base = "", important = ""] = parts.exec(name) ?? [];
    const group = groupOf(base);
    const when = conditions + important;
    if (group && taken.has(when + group)) continue;
    if (group) for (const each of [group, ...(covers[group] ?? [])]) taken.add(when + each);
    kept.unshift(name);
  }
  return kept.join(" ");
}
