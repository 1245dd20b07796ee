import { type Candidate, rankTools } from "./rank-tools";
import { readArguments } from "./read-arguments";
import { readSentence } from "./sentence";
import type { Parameter, ToolProfile } from "./tool-profile";
import { conceptsIn, isVerb, words } from "./words";

export type Choice =
  | { kind: "call"; calls: readonly { tool: ToolProfile; input: Record<string, unknown> }[] }
  | { kind: "missing"; tool: ToolProfile; missing: readonly Parameter[] }
  | { kind: "which"; tools: readonly ToolProfile[] }
  | { kind: "none" };

const enough = 2.5;
const tie = 0.5;
const mostCalls = 4;

/**
 * Maps a person's text to tools and their arguments. The same words give the same choice.
 * @param reply the person's answer to one of our questions about `text`; empty if none was asked
 */
export function chooseTool(
  tools: readonly ToolProfile[],
  text: string,
  today: Date,
  reply = "",
): Choice {
  if (reply !== "") return chooseByReply(tools, text, reply, today);
  const clauses = splitClauses(text);
  if (clauses.length > 1) {
    const chosen = clauses.map((clause) => chooseOne(tools, clause, today, text));
    const calls = chosen.flatMap((choice) => (choice.kind === "call" ? choice.calls : []));
    if (chosen.every((choice) => choice.kind === "call") && calls.length <= mostCalls) {
      return { kind: "call", calls };
    }
  }
  return chooseOne(tools, text, today);
}

/** @param whole the message that contains `text` */
function chooseOne(tools: readonly ToolProfile[], text: string, today: Date, whole = text): Choice {
  const equals = bestOf(tools, text, today, whole);
  const [best] = equals;
  if (!best) return { kind: "none" };
  if (equals.length > 1) {
    const wantsAll = equals.length <= mostCalls && equals.every(isReadyAndPlaced);
    return wantsAll
      ? { kind: "call", calls: equals.map(({ tool, read }) => ({ tool, input: read.input })) }
      : { kind: "which", tools: equals.map(({ tool }) => tool) };
  }
  const { tool, read } = best;
  if (read.missing.length > 0) return { kind: "missing", tool, missing: read.missing };
  const inputs = [read.input, ...read.more];
  return { kind: "call", calls: inputs.map((input) => ({ tool, input })) };
}

/** The answer to one of our questions, unless it is itself a request. */
function chooseByReply(
  tools: readonly ToolProfile[],
  text: string,
  reply: string,
  today: Date,
): Choice {
  const fresh = conceptsIn(reply, reply).size > 0 ? chooseTool(tools, reply, today) : null;
  if (fresh?.kind === "call") return fresh;

  const asked = bestOf(tools, text, today, text);
  const picked = asked.length > 1 ? asked[ordinalIn(reply)] : undefined;
  const both = `${text}\n${reply}`;
  const equals = picked ? [picked] : bestOf(tools, both, today, both);
  const [best] = equals;
  if (!best) return { kind: "none" };
  const { tool } = best;
  if (equals.length > 1) return { kind: "which", tools: equals.map((one) => one.tool) };

  const first = readArguments(tool, readSentence(text, today));
  if (first.missing.length === 0) return { kind: "call", calls: [{ tool, input: first.input }] };
  const together = readArguments(tool, readSentence(both, today));
  const complete = together.missing.length === 0;
  const [only] = first.missing.length === 1 ? first.missing : [];
  const isValueItself = asked.length === 1 && only?.type === "string" && only.choices.length === 0;
  if (only && isValueItself && !(complete && only.role === "path")) {
    const value = reply.trim().replace(/^["'“`]|["'”`.]$/g, "");
    return { kind: "call", calls: [{ tool, input: { ...first.input, [only.name]: value } }] };
  }
  return complete
    ? { kind: "call", calls: [{ tool, input: together.input }] }
    : { kind: "missing", tool, missing: together.missing };
}

/** The best of them, with those that are equally good; none if none fits. */
function bestOf(
  tools: readonly ToolProfile[],
  text: string,
  today: Date,
  whole: string,
): Candidate[] {
  const ranked = rankTools(tools, readSentence(text, today), whole);
  const top = ranked[0]?.score ?? 0;
  return top < enough ? [] : ranked.filter((candidate) => top - candidate.score < tie);
}

/** `list the handbook and my notes` wants both. */
function isReadyAndPlaced({ placed, read }: Candidate): boolean {
  return placed && read.missing.length === 0;
}

/** The position in a list that `the first one` and `2` refer to; -1 if they refer to none. */
function ordinalIn(reply: string): number {
  const ordinals = [
    ["first", "1", "1st"],
    ["second", "2", "2nd"],
    ["third", "3", "3rd"],
  ];
  const said = words(reply);
  return ordinals.findIndex((ordinal) => ordinal.some((word) => said.includes(word)));
}

const joints = /\s*(?:;|,?\s+and then\b|,?\s+then\b|,?\s+and\b)\s+(?:please\s+|also\s+)?/giu;
const joint = /^\s*(?:;|,?\s*and then\b|,?\s*then\b|,?\s*and\b)\s*(?:please\s+|also\s+)?/i;
/** A file and where it is: a request whose verb was mentioned before. */
const placedFile = /^(?:the\s+)?[^\s,;]+\.[A-Za-z]\w{0,7}\s+(?:from|in|on|of)\s/;

/** With more conjunctions than this a message is a text, not a list of requests. */
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
