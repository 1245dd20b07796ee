/**
 * Markdown cut into pieces that mean the same separately as together: between any two of them is a blank
 * line, and nothing in one affects the next. What has been cut off does not change while the text
 * grows, so that only the last piece of an answer is parsed again. Where that is not certain, the text, or
 * the rest of it, stays in one piece.
 *
 * @see https://spec.commonmark.org/0.31.2/#container-blocks
 */
export function markdownBlocks(text: string): string[] {
  // The definition of a link or a footnote applies to the whole text.
  if (text.includes("]:")) return [text];
  const lines = text.split(/\r\n?|\n/);
  const blocks: string[] = [];
  let from = 0;
  let fence = "";
  let hasContainer = false;
  for (const [at, line] of lines.entries()) {
    if (fence !== "") {
      if (closesFence(line, fence)) fence = "";
      continue;
    }
    if (at > from && isBlank(lines[at - 1] ?? "") && beginsBlock(line)) {
      blocks.push(`${lines.slice(from, at).join("\n")}\n`);
      from = at;
      hasContainer = false;
    }
    hasContainer ||= /^\s*(?:>|[-+*]|\d{1,9}[.)])/.test(line);
    // A fence in a list or a quote ends with the list or quote, wherever it is.
    if (hasContainer && /^[^`~].*(?:`{3}|~{3})/.test(line)) break;
    fence = opensFence(line);
  }
  blocks.push(lines.slice(from).join("\n"));
  return blocks;
}

function isBlank(line: string): boolean {
  return /^[ \t]*$/.test(line);
}

/** After a blank line this starts a block at the left edge. A list item may continue with one. */
function beginsBlock(line: string): boolean {
  return /^[^ \t]/.test(line) && !/^(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/.test(line);
}

function opensFence(line: string): string {
  return /^ {0,3}(?:(`{3,})[^`]*|(~{3,}).*)$/.exec(line)?.slice(1).find(Boolean) ?? "";
}

function closesFence(line: string, fence: string): boolean {
  const [, marks = ""] = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line) ?? [];
  return marks.startsWith(fence);
}
