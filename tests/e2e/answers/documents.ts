import fc from "fast-check";

/** Characters with a meaning in Markdown, alone and in the order in which they cost most. */
const pieces = [
  ...[
    "*",
    "**",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "[",
    "]",
    "![",
    "](",
    "(",
    ")",
    "<",
    ">",
    "&",
    "\\",
    "|",
  ],
  ...["#", "-", "+", "=", ":", "!", "@", "^", '"', "'", "~", ".", "/", "{", "}", "%"],
  ...["- ", "* ", "+ ", "1. ", "> ", "  - ", "\t", "  ", "    ", "\n", "\n\n", "\r\n", "\r"],
  ...["a", "word ", "*a_", "**a ", "[a](b) ", '[a](b "', "[a][b]", "[^a]", "[^a]: b\n", "[a]: b\n"],
  ...[
    "![a](b)",
    "http://a.b/",
    "www.a.b ",
    "a@b.c ",
    "<a",
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "<div>\n",
  ],
  ...[
    "<script>",
    "&amp;",
    "&#x202e;",
    "&a",
    "```\n",
    "~~~\n",
    "```js\n",
    "|a|b|\n",
    "|-|-|\n",
    "|\n",
  ],
  ...["# a\n", "***\n", "a\n=\n", "a  \n", "a\\\n", "- [ ] a\n", "$$", ":::", "\u0000", "\u202e"],
  ...[
    "a\u0301",
    "\u0301",
    "漢",
    "😀",
    "\ud800",
    "\u00a0",
    "\u2028",
    "{{",
    "[[",
    "]]",
    '{"a":',
    "],",
  ],
];

const piece = fc.constantFrom(...pieces);
const words = fc.string({ unit: "grapheme", maxLength: 40 });
const some = fc.array(fc.oneof({ weight: 4, arbitrary: piece }, words), {
  minLength: 1,
  maxLength: 12,
});

/** The length of a long document: short ones are the most common, as in life. */
const length = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
  { weight: 5, arbitrary: fc.integer({ min: 3_000, max: 45_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 45_000, max: 1_000_000 }) },
);

/** A few pieces over and over, which exposes quadratic time. */
const repeated = fc
  .tuple(some, some, length)
  .map(([head, body, long]) => filled(head.join(""), body.join(""), long));

/** As many opening as closing marks. */
const nested = fc.tuple(some, words, some, length).map(([open, middle, close, long]) => {
  const times = Math.ceil(long / (open.join("").length + close.join("").length));
  return open.join("").repeat(times) + middle + close.join("").repeat(times);
});

/** Each line is indented further than the one before. */
const staircase = fc
  .tuple(
    fc.constantFrom(" ", "  ", "   ", "\t", "> ", "- "),
    some,
    fc.integer({ min: 1, max: 600 }),
  )
  .map(([step, body, lines]) =>
    Array.from({ length: lines }, (_, at) => step.repeat(at) + body.join("")).join("\n"),
  );

/** Each is longer than the one before, so that none closes another. */
const growing = fc
  .tuple(
    fc.constantFrom("`", "~", "*", "_", "#", "\\", "["),
    some,
    fc.integer({ min: 1, max: 1_000 }),
  )
  .map(([sign, body, times]) =>
    Array.from({ length: times }, (_, at) => sign.repeat(at + 1) + body.join("")).join(""),
  );

const table = fc
  .tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 0, max: 3_000 }), some)
  .map(([columns, rows, cell]) => {
    const row = `|${cell.join("").replace(/[\r\n|]/g, " ")}`;
    return `${row.repeat(columns).slice(0, 50_000)}\n${"|-".repeat(columns)}\n${`${row}\n`.repeat(rows)}`;
  });

const references = fc
  .tuple(
    fc.constantFrom("[a#]: b", "[^a#]: b"),
    fc.constantFrom("[a#]", "[^a#]", "[a][a#]"),
    length,
  )
  .map(([definition, reference, long]) => {
    const numbers = Array.from({ length: Math.ceil(long / 14) }, (_, at) => `${at}`);
    const all = (of: string, joint: string) => numbers.map((n) => of.replace("#", n)).join(joint);
    return `${all(reference, " ")}\n\n${all(definition, "\n")}`;
  });

const json = fc
  .tuple(fc.constantFrom(["[", "]"], ['{"a":', "}"], ['[{"b":[', "]}]"]), length)
  .map(([[open = "", close = ""], long]) => {
    const times = Math.ceil(long / (open.length + close.length));
    return `${open.repeat(times)}1${close.repeat(times)}`;
  });

/** Typical output of a model, which is rendered as Markdown. */
const plausible = fc
  .array(
    fc.oneof(
      words,
      words.map((text) => `## ${text}`),
      fc
        .array(words, { maxLength: 8 })
        .map((items) => items.map((one) => `- **${one}**`).join("\n")),
      words.map((text) => `| a | b |\n|---|---|\n| ${text} | \`c\` |`),
      words.map((text) => `\`\`\`ts\n${text}\n\`\`\``),
      words.map((text) => `> [${text}](https://example.com)`),
      fc.json().map((text) => text),
    ),
    { maxLength: 30 },
  )
  .map((blocks) => blocks.join("\n\n"));

export const documents: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: repeated },
  { weight: 3, arbitrary: nested },
  { weight: 3, arbitrary: plausible },
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof(repeated, table, words), { maxLength: 4 }).map(joined),
  },
  ...[staircase, growing, table, references, json].map((arbitrary) => ({ weight: 1, arbitrary })),
);

function filled(head: string, body: string, long: number): string {
  return head + body.repeat(Math.ceil(long / Math.max(body.length, 1)));
}

function joined(blocks: readonly string[]): string {
  return blocks.join("\n\n").slice(0, 1_000_000);
}

const fill = (text: string, long: number) =>
  text.repeat(Math.ceil(long / text.length)).slice(0, long);

/** Found by searching for the slowest input, each at the largest size that is still rendered, and far above. */
export const costly: readonly string[] = [
  "- ".repeat(1_500),
  `${"- ".repeat(1_500)}a`,
  `${"+ ".repeat(1_500)}`,
  `${">".repeat(3_000)}a`,
  `${"1. ".repeat(1_000)}a`,
  `${"> - ".repeat(800)}a`,
  Array.from({ length: 600 }, (_, at) => `${"  ".repeat(at)}- a`).join("\n"),
  Array.from({ length: 300 }, (_, at) => `${"`".repeat(at + 1)}a`).join(""),
  `${"[".repeat(3_000)}a${"](b)".repeat(3_000)}`,
  `${"![".repeat(3_000)}a${"](b)".repeat(3_000)}`,
  `${"*".repeat(5_000)}a${"*".repeat(5_000)}`,
  `${"|a".repeat(1_000)}|\n${"|-".repeat(1_000)}|\n${"|\n".repeat(5_000)}`,
  `<!--\n\`\`\`\n-->\n${"[".repeat(9_000)}`,
  `\ufeff\`\`\`\na\n\`\`\`\n${"*a_".repeat(3_000)}`,
  `- a\n  \`\`\`\n\`\`\`\n${"*a_".repeat(3_000)}`,
  `[a]: /${fill("b", 30_000)}\n\n${fill("[a]", 9_000)}`,
  ...["[", "![", "*a_", "**a ", "_a_ ", "~a~~", "<", "<a ", "&", "&a;", "\\", "|", "`a``", "`a` "],
  ...["[a](b", '[a](b "', "[a]", "[a](", "[a](<", "[a](b) ", "[a]: b\n", "[^a] ", "[^a]: b\n"],
  ...[
    "http://a.b ",
    "www.a.b ",
    "a@b.c ",
    "a@",
    "a.",
    "a-",
    ")",
    "?!",
    "- a\n",
    "- a\n\n",
    "> a\n",
  ],
  ...["- a\n  - b\n", "***\n", "# a\n", "a\n=\n", "a\n", "a\n\n", "a  \n", "- [ ] a\n", "|a|b|\n"],
  ...[
    "```\n",
    "```\na\n```\n",
    "    a\n",
    "\n",
    "\r",
    " ",
    "\t",
    "a",
    "漢",
    "😀",
    "a\u0301",
    "\u202e",
  ],
].flatMap((text) =>
  text.length > 100 ? [text] : [1_500, 6_000, 39_000].map((long) => fill(text, long)),
);
