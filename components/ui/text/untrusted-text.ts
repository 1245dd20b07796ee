/** Marks that a font stacks on one letter; a flood of them covers the lines around it. */
const stackedMarks = /(\p{M}{8})\p{M}+/gu;

/** A name without line ends, without what hides it or turns the words around it about, of one line's height. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(deceivers, (_, harmless?: string) => harmless ?? "")
    .replace(stackedMarks, "$1")
    .trim();
}

/**
 * Text that somebody decides by: a character that hides text, hides itself or turns text about stands as
 * its number. Line ends and tabs stay, and what joins emoji to one.
 */
export function visible(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(deceivers, (character, harmless?: string) => harmless ?? numbersOf(character))
    .replace(/(\p{M}{8})(\p{M}+)/gu, (_, shown: string, more: string) => shown + numbersOf(more));
}

const deceivers =
  /(\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?\u200d?|[\t\n])|[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

function numbersOf(characters: string): string {
  return [...characters].map((each) => `\\u{${each.codePointAt(0)?.toString(16)}}`).join("");
}
