import { mask, type Sentence, type Token } from "./sentence";
import type { Parameter } from "./tool-profile";
import { words } from "./words";

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
