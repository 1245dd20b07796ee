/** Characters of a text that are read for its words. */
const longestRead = 6_000;

/** Markdown as somebody would read it aloud: its words, without its signs and the addresses of links. */
export function spokenText(markdown: string): string {
  let fenced = false;
  const lines: string[] = [];
  for (const line of markdown.slice(0, longestRead).split(/\r\n?|\n/)) {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    else lines.push(fenced ? line.trim() : spokenLine(line));
  }
  return lines.filter((line) => line !== "").join("\n");
}

function spokenLine(line: string): string {
  // A rule, a table's second line, a heading's underline, where a link leads.
  if (/^[\s>|:*_=-]*$/.test(line) || /^\s*\[[^\]]{1,200}\]:\s/.test(line)) return "";
  const text = line
    .replace(/^(?:\s|>|[-+*]\s|\d{1,9}[.)]\s)*(?:#{1,6}\s+)?/, "")
    .replace(/^\[([ xX])\]\s/, (_, mark: string) => (mark === " " ? "To do: " : "Done: "))
    .replace(/!\[([^[\]]{0,300})\]\([^()]{0,2000}\)/g, "Image: $1")
    .replace(/\[([^[\]]{1,300})\](?:\([^()]{0,2000}\)|\[[^[\]]{0,200}\])/g, "$1")
    .replace(/\[\^[^[\]]{1,100}\]/g, "")
    .replace(/<((?:https?:\/\/|mailto:)[^<>\s]{1,2000})>/g, "$1");
  return withoutMarks(text)
    .replace(/^\s*\|\s*|\s*\|\s*$/g, "")
    .replace(/(?<!\\)\s*\|\s*/g, ", ")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/&(amp|lt|gt|quot|nbsp);/g, (_, name: keyof typeof entities) => entities[name])
    .trim();
}

/** Stars and code marks; underscores only around words, as names have them inside. */
function withoutMarks(text: string): string {
  return text
    .replace(/(?<!\\)(?:\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|`+)/g, "")
    .replace(/(?<![\\\p{L}\p{N}])_{1,3}(?=\S)|(?<=[^\s\\])_{1,3}(?![\p{L}\p{N}])/gu, "");
}

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " " } as const;
