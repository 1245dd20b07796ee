export const passwordLeast = 12;

export type PasswordStrength = {
  level: "empty" | "short" | "weak" | "fair" | "strong";
  /** What to know or do, in a sentence. */
  words: string;
};

/**
 * A hint while somebody types, not a rule: what counts is the length, less what is easy to guess.
 * @param personal what an attacker knows, such as the name and the address
 */
export function passwordStrength(
  password: string,
  personal: readonly string[] = [],
): PasswordStrength {
  const length = [...password].length;
  if (length === 0) {
    return {
      level: "empty",
      words: `At least ${passwordLeast} characters. A few unrelated words are easy to keep in mind and hard to guess.`,
    };
  }
  if (length < passwordLeast) {
    const missing = passwordLeast - length;
    return {
      level: "short",
      words: `Too short: ${missing} more ${missing === 1 ? "character" : "characters"}.`,
    };
  }
  const surprising = surprisingCharacters(withoutPersonal(password.toLowerCase(), personal));
  if (surprising < 9) {
    return {
      level: "weak",
      words: "Long enough, but easy to guess: it repeats itself, counts up, or holds your name.",
    };
  }
  return surprising < 16
    ? { level: "fair", words: "Good. Every word more makes it better." }
    : { level: "strong", words: "Strong." };
}

function withoutPersonal(password: string, personal: readonly string[]): string {
  return personal
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length >= 3)
    .reduce((rest, word) => rest.replaceAll(word, ""), password);
}

/** How many characters do not follow from the ones before: no repeat, no row such as `abc` or `321`. */
function surprisingCharacters(text: string): number {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const fresh = codes.filter((code, index) => {
    const before = codes[index - 1];
    return before === undefined || Math.abs(code - before) > 1;
  }).length;
  return Math.min(fresh, new Set(codes).size * 2);
}
