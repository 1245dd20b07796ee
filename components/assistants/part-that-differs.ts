import type { ToolChange } from "@/lib/contracts/servers/tool-policy";

/** The one line that this one took the place of, or that took its place. Null: there is none, or more. */
export function lineBeside(lines: ToolChange["lines"], index: number): string | null {
  const removed = lines[index]?.kind === "removed" ? index : index - 1;
  const [before, first, second, after] = [-1, 0, 1, 2].map((place) => lines[removed + place]?.kind);
  const isPair =
    before !== "removed" && first === "removed" && second === "added" && after !== "added";
  if (!isPair) return null;
  return lines[index === removed ? removed + 1 : removed]?.text ?? null;
}

/**
 * What of a changed line is another than in the line beside it: `[before, part, after]`, cut between
 * words. Nothing is marked where there is no other line, or where hardly anything is the same.
 */
export function partThatDiffers(
  text: string,
  beside: string | null,
): [before: string, part: string, after: string] {
  if (beside === null) return [text, "", ""];
  const [words, others] = [wordsOf(text), wordsOf(beside)];
  const shorter = Math.min(words.length, others.length);
  let start = 0;
  while (start < shorter && words[start] === others[start]) start += 1;
  let end = 0;
  while (end < shorter - start && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const before = words.slice(0, start).join("");
  const after = words.slice(words.length - end).join("");
  const same = before.length + after.length;
  if (same * 2 < Math.min(text.length, beside.length)) return [text, "", ""];
  return [before, text.slice(before.length, text.length - after.length), after];
}

/** Words and what stands between them; all of it joined is the text. */
function wordsOf(text: string): string[] {
  return text.split(/(\s+)/);
}
