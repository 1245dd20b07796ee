import { parseBoundedJson } from "@/lib/bounded-json";

/** Part of a message that looks like a value. */
export type Token = { text: string; value: string; start: number; end: number };

/** `list`: everything after the key, commas and what is between them. */
export type NamedToken = Token & { key: string; list: string };

/** What a message contains besides words. */
export type Sentence = {
  text: string;
  quoted: readonly Token[];
  /** `notes.md`, `docs/plan`, and quoted names of files. */
  files: readonly Token[];
  urls: readonly Token[];
  emails: readonly Token[];
  dates: readonly Token[];
  numbers: readonly Token[];
  /** `key=value` and `key: value`. */
  named: readonly NamedToken[];
  /** A JSON object written into the message. */
  json: Record<string, unknown> | null;
};

const smallNumbers = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
];
const fileName = /^[^\s"]+\.[A-Za-z][A-Za-z0-9]{0,7}$|^[^\s"]*\/[^\s"]*$/;

/** @param today the base for `today`, `tomorrow` and `yesterday` */
export function readSentence(message: string, today: Date): Sentence {
  const json = readJson(message);
  const text = json ? mask(message, [json]) : message;
  const quoted = matches(
    text,
    /"([^"\n]+)"|“([^”\n]+)”|`([^`\n]+)`|(?<![\p{L}\p{N}])'([^'\n]+)'(?![\p{L}\p{N}])/gu,
  );
  const bare = mask(text, quoted);
  const urls = trimmed(matches(bare, /\bhttps?:\/\/[^\s<>"')\]]+/g));
  const emails = matches(bare, /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g);
  const named = readNamed(text);
  const rest = mask(bare, [...urls, ...emails]);
  const dates = [
    ...matches(rest, /\b\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?\b/g),
    ...matches(rest, /\b(?:today|tomorrow|yesterday)\b/gi).map((token) => ({
      ...token,
      value: relativeDate(token.value, today),
    })),
  ];
  const undated = mask(rest, dates);
  const files = [
    ...trimmed(
      matches(
        undated,
        /(?<![\w@./~-])(?:[\w.~-]{0,100}\/[\w.~/-]{0,200}|[\w.-]{1,100}\.[A-Za-z][A-Za-z0-9]{0,7})(?![\w@])/g,
      ),
    ).filter((token) => token.value !== "/" && !/^(e\.g|i\.e)$/i.test(token.value)),
    ...quoted.filter((token) => fileName.test(token.value)),
  ].sort((one, other) => one.start - other.start);
  const numbers = [
    ...matches(mask(undated, files), /(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-])/g),
    ...matches(undated, new RegExp(`\\b(?:${smallNumbers.join("|")})\\b`, "gi")).map((token) => ({
      ...token,
      value: String(smallNumbers.indexOf(token.value.toLowerCase())),
    })),
  ].sort((one, other) => one.start - other.start);
  return { text, quoted, files, urls, emails, dates, numbers, named, json: json?.value ?? null };
}

/** The same text, with blanks in place of the tokens. */
export function mask(text: string, tokens: readonly Pick<Token, "start" | "end">[]): string {
  let masked = text;
  for (const { start, end } of tokens) {
    masked = masked.slice(0, start) + " ".repeat(end - start) + masked.slice(end);
  }
  return masked;
}

/** No tool takes more values than this from one message. */
const mostTokens = 40;

function matches(text: string, pattern: RegExp): Token[] {
  const found: RegExpExecArray[] = [];
  for (const match of text.matchAll(pattern)) {
    if (found.push(match) === mostTokens) break;
  }
  return found.map((match) => {
    const value = match.slice(1).find((group) => group !== undefined) ?? match[0];
    return { text: match[0], value, start: match.index, end: match.index + match[0].length };
  });
}

/** Without the full stop or comma that ends the sentence. */
function trimmed(tokens: Token[]): Token[] {
  return tokens.map((token) => {
    const value = token.value.replace(/[.,;:!?]+$/, "");
    return { ...token, value, text: value, end: token.start + value.length };
  });
}

function readNamed(text: string): NamedToken[] {
  const pattern = /(?<![\w"'])([A-Za-z][\w-]{0,40}) ?(?:=|:(?!\/\/)) ?(?=\S)/g;
  const keys = [...text.matchAll(pattern)].slice(0, mostTokens);
  return keys.map((match, index) => {
    const from = match.index + match[0].length;
    const all = text.slice(from, keys[index + 1]?.index).split("\n", 1)[0] ?? "";
    const list = all.replace(/[\s,;]+$/, "");
    const quoted = /^"([^"]*)"|^'([^']*)'/.exec(list);
    const plain = quoted ? quoted[0] : (list.split(/[,;]/, 1)[0] ?? "").trim();
    const value = quoted ? (quoted[1] ?? quoted[2] ?? "") : plain;
    const end = from + plain.length;
    return {
      key: match[1] ?? "",
      value,
      list,
      text: text.slice(match.index, end),
      start: match.index,
      end,
    };
  });
}

function readJson(
  text: string,
): { value: Record<string, unknown>; start: number; end: number } | null {
  const [start, end] = [text.indexOf("{"), text.lastIndexOf("}") + 1];
  if (start < 0 || end <= start) return null;
  try {
    const value: unknown = parseBoundedJson(text.slice(start, end));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return { value: value as Record<string, unknown>, start, end };
  } catch {
    return null;
  }
}

function relativeDate(word: string, today: Date): string {
  const days = { today: 0, tomorrow: 1, yesterday: -1 }[word.toLowerCase()] ?? 0;
  return new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
