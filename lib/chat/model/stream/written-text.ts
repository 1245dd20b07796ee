import { isJsonObject } from "@/lib/bounded-json";

/** What a model wrote in one piece, in whatever form its server puts it. */
export type Written = { text: string; reasoning: string };

const isReasoning = /^(thinking|reasoning|thought)/;

/** A text, a part with one, or a list of them. Anything else, such as a citation, is no text. */
export function writtenText(content: unknown): Written {
  if (typeof content === "string") return { text: content, reasoning: "" };
  if (Array.isArray(content)) {
    const each = content.map(writtenText);
    const text = each.map((one) => one.text).join("");
    return { text, reasoning: each.map((one) => one.reasoning).join("") };
  }
  if (!isJsonObject(content)) return { text: "", reasoning: "" };
  const { type, text, value, content: inner, thinking, summary } = content;
  const words = plainText(text ?? value ?? inner ?? thinking ?? summary);
  return typeof type === "string" && isReasoning.test(type)
    ? { text: "", reasoning: words }
    : { text: thinking === undefined ? words : "", reasoning: thinking === undefined ? "" : words };
}

/** The same, whichever of both it is. */
export function plainText(content: unknown): string {
  const { text, reasoning } = writtenText(content);
  return reasoning + text;
}
