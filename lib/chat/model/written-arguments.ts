import { endOfString, parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";
import { withExactIntegers } from "@/lib/mcp/reading/exact-numbers";

/** Not JSON: the AI SDK rejects the call like any with unreadable arguments. */
const unreadable = "(nests too deep)";
const fence = /^```(?:json)?\s*\n?([\s\S]*?)\n?```$/i;

/**
 * A call's arguments as JSON of one object, from what a model wrote: `null` and an empty text mean none, and an
 * object may be fenced, encoded twice, or the only one of a list, with line ends in its texts. Anything else stays,
 * and is rejected.
 */
export function meantArguments(text: string): string {
  const inner = fence.exec(text.trim())?.[1] ?? text;
  try {
    let value = parseExactly(inner);
    if (typeof value === "string") {
      if (value.trim() === "") return "{}";
      value = parseExactly(value);
    }
    if (value === null) return "{}";
    const [only, ...others] = Array.isArray(value) ? value : [];
    if (isArguments(only) && others.length === 0) return JSON.stringify(only);
    return isArguments(value) ? JSON.stringify(value) : text;
  } catch (error) {
    return error instanceof TooDeepJsonError ? unreadable : text;
  }
}

function parseExactly(text: string): unknown {
  const exact = withExactIntegers(text);
  try {
    return parseBoundedJson(exact);
  } catch (error) {
    if (error instanceof TooDeepJsonError || !control.test(exact)) throw error;
    return parseBoundedJson(escapeControls(exact));
  }
}

const control = /\p{Cc}/u;

/** Those within its strings: between them they are blanks, or an error. */
function escapeControls(text: string): string {
  let escaped = "";
  let from = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', from)) {
    const end = endOfString(text, at);
    const inner = text
      .slice(at, end)
      .replace(/\p{Cc}/gu, (each) => JSON.stringify(each).slice(1, -1));
    escaped += text.slice(from, at) + inner + text.slice(end, end + 1);
    from = end + 1;
  }
  return escaped + text.slice(from);
}
