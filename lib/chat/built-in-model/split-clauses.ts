import { isVerb } from "./words";

const joints = /\s*(?:;|,?\s+and then\b|,?\s+then\b|,?\s+and\b)\s+(?:please\s+|also\s+)?/giu;
const joint = /^\s*(?:;|,?\s*and then\b|,?\s*then\b|,?\s*and\b)\s*(?:please\s+|also\s+)?/i;
/** A file and where it is: a request whose verb was said before. */
const placedFile = /^(?:the\s+)?[^\s,;]+\.[A-Za-z]\w{0,7}\s+(?:from|in|on|of)\s/;

/** With more joints than this a message is a text, not a list of requests. */
const mostCuts = 8;

/** `list the files and read notes.md` is two requests; `cats and dogs` is one. */
export function splitClauses(text: string): string[] {
  const hidden = text.replace(/"[^"\n]*"|“[^”\n]*”|`[^`\n]*`/g, (quote) =>
    "_".repeat(quote.length),
  );
  const cuts = [0];
  for (const match of hidden.matchAll(joints)) {
    if (cuts.length > mostCuts) return [text];
    const from = match.index + match[0].length;
    const next = hidden.slice(from, from + 200);
    const [word = ""] = /^\p{L}+/u.exec(next) ?? [];
    if (isVerb(word.toLowerCase()) || placedFile.test(next)) cuts.push(match.index);
  }
  const verb = /\p{L}+/u.exec(text)?.[0] ?? "";
  return cuts
    .map((cut, index) =>
      text
        .slice(cut, cuts[index + 1])
        .replace(joint, "")
        .trim(),
    )
    .filter((clause) => clause !== "")
    .map((clause) =>
      placedFile.test(`${clause} `) && isVerb(verb.toLowerCase()) ? `${verb} ${clause}` : clause,
    );
}
