/** Why a text is not rendered as Markdown. */
export type MarkdownExcess = "length" | "depth" | "cost";

export type MarkdownDecision = { should: boolean; reason: MarkdownExcess | null };

/** Far above what a person reads in one answer. */
const most = {
  /** Characters. */
  length: 40_000,
  /** Nested lists and quotes: each is one call deeper, in the parser and in React. */
  depth: 24,
  /** In `costs`, which are microseconds of the parser, React and the browser on a slow laptop. */
  cost: 170_000,
} as const;

/** Neither Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai, Chinese, Japanese nor Korean. */
const rareCharacters =
  /[^\n\r\t -\u06ff\u0900-\u097f\u0e00-\u0e7f\u1e00-\u22ff\u2500-\u25ff\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef]/g;

/** What a text costs to render, by its content. Measured; see tests/e2e/answers. */
const costs = {
  character: 1.5,
  /** In a script that needs a different font. */
  rareCharacter: 45,
  line: 200,
  /** Of a list or a quote. */
  container: 150,
  codeLine: 30,
  cell: 80,
  /** `*`, `_`, `~`, `!`, a bracket or a code mark. */
  mark: 80,
  footnote: 300,
  /** A bare address in the text, which becomes a link. */
  address: 110,
  /** `<`, `&` or a backslash. */
  sign: 15,
  /** Each mark is matched with the earlier ones in its paragraph. */
  pairOfMarks: 0.04,
  /** From each bracket and code mark its end may be searched for in its whole paragraph. */
  markAndCharacter: 0.003,
  /** From each sign in a word the end of an address may be searched for in the whole word. */
  signInWordAndCharacter: 0.02,
} as const;

/**
 * Whether a text may be parsed as Markdown, decided in one pass and before any of it is parsed. The
 * counts only grow with the text, so an answer that is still being written does not flip back and forth.
 * @see https://spec.commonmark.org/0.31.2/
 */
export function drawsAsMarkdown(text: string): MarkdownDecision {
  if (text.length > most.length) return { should: false, reason: "length" };
  let cost = text.length * costs.character + count(text, rareCharacters) * costs.rareCharacter;
  let block = emptyBlock();
  let openLists = 0;
  let fence = "";

  for (const line of text.replace(/^\ufeff/, "").split(/\r\n?|\n/)) {
    if (fence !== "") {
      cost += costs.codeLine;
      if (closesFence(line, fence)) fence = "";
      continue;
    }
    fence = opensFence(line);
    if (fence !== "" || /^[ \t]*$/.test(line)) {
      cost += costOf(block) + (fence === "" ? costs.codeLine : 2 * costs.line);
      block = emptyBlock();
    } else {
      const { depth, lists, markers } = containersOf(line, openLists);
      if (depth > most.depth) return { should: false, reason: "depth" };
      openLists = lists;
      cost += markers * costs.container;
      addLine(block, line);
    }
  }
  return cost + costOf(block) > most.cost
    ? { should: false, reason: "cost" }
    : { should: true, reason: null };
}

/** The content between two blank lines: at least one paragraph or table, perhaps more. */
type Block = {
  length: number;
  lines: number;
  columns: number;
  isTable: boolean;
  marks: number;
  searches: number;
  /** Only of what is not part of the products. */
  cost: number;
};

function emptyBlock(): Block {
  return { length: 0, lines: 0, columns: 0, isTable: false, marks: 0, searches: 0, cost: 0 };
}

function addLine(block: Block, line: string): void {
  block.length += line.length + 1;
  block.lines += 1;
  block.columns = Math.max(block.columns, count(line, /\|/g) + 1);
  // The line under a table's head; without it there is no table.
  block.isTable ||= /^[\s>|:-]*-[\s>|:-]*$/.test(line) && /[|:]/.test(line);
  const searches = count(line, /[[\]]|`+/g);
  block.searches += searches;
  block.marks += searches + (isRule(line) ? 1 : count(line, /[*_~!]/g));
  block.cost +=
    count(line, /\[\^/g) * costs.footnote +
    count(line, /:\/\/|www\.|@/gi) * costs.address +
    count(line, /[<&\\]/g) * costs.sign;
  for (const [word] of line.matchAll(/[!-~]{30,}/g)) {
    block.cost += count(word, /[^a-z0-9]/gi) * word.length * costs.signInWordAndCharacter;
  }
}

/** A line with only one repeated sign has no text between its signs. */
function isRule(line: string): boolean {
  return /^[ \t]*([*_~=-])\1*[ \t]*$/.test(line);
}

function costOf({ length, lines, columns, isTable, marks, searches, cost }: Block): number {
  return (
    cost +
    lines * costs.line +
    // A short row is padded.
    (isTable ? lines * columns * costs.cell : 0) +
    marks * costs.mark +
    marks ** 2 * costs.pairOfMarks +
    searches * length * costs.markAndCharacter
  );
}

function count(line: string, sign: RegExp): number {
  return line.match(sign)?.length ?? 0;
}

type Containers = { depth: number; lists: number; markers: number };

/**
 * At least as many lists and quotes as this line is nested in. A list from an earlier line continues if the
 * line is indented by two columns for it.
 */
function containersOf(line: string, openLists: number): Containers {
  const [prefix = ""] = /^(?:[ \t]|>|[-+*](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))*/.exec(line) ?? [];
  const items = count(prefix, /[-+*]|\d[.)]/g);
  const quotes = count(prefix, />/g);
  const columns = count(prefix, / /g) + 4 * count(prefix, /\t/g);
  const kept = Math.min(openLists, Math.floor(columns / 2));
  // A line without a marker may continue a paragraph of a list, however far it is indented.
  return {
    depth: kept + items + quotes,
    lists: items > 0 ? kept + items : openLists,
    markers: items + quotes,
  };
}

/**
 * Code at the left edge, outside any list or quote: only there its end is certain. Code that is
 * fenced further in counts as text.
 */
function opensFence(line: string): string {
  return /^(`{3,})[^`]*$/.exec(line)?.[1] ?? /^~{3,}/.exec(line)?.[0] ?? "";
}

function closesFence(line: string, fence: string): boolean {
  const [, marks = ""] = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line) ?? [];
  return marks.startsWith(fence);
}
