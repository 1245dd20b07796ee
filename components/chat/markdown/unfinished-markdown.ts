/**
 * Markdown that is still being written, with the marks closed that its last lines left open: bold
 * words are bold from their first letter on, and nothing jumps when the closing mark arrives.
 */
export function closeUnfinishedMarks(text: string): string {
  if (endsInsideFence(text)) return text;
  const from = text.lastIndexOf("\n\n") + 1;
  return text.slice(0, from) + closeInline(text.slice(from));
}

function endsInsideFence(text: string): boolean {
  const fences = text.match(/^ {0,3}(?:```|~~~)/gm) ?? [];
  return fences.length % 2 === 1;
}

function closeInline(tail: string): string {
  const ended = tail
    // A link whose address is not complete shows its words alone.
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*$/, "$1")
    // Half a mark, or one that opens nothing yet; one that closes is put back below.
    .replace(/(?:\*{1,3}|_{1,2}|`)$/, "");
  if (count(ended, /`/g) % 2 === 1) return `${ended}\``;
  const outsideCode = ended.replace(/`[^`]*`/g, "");
  return count(outsideCode, /\*\*/g) % 2 === 1 ? `${ended.trimEnd()}**` : ended;
}

function count(text: string, mark: RegExp): number {
  return text.match(mark)?.length ?? 0;
}
