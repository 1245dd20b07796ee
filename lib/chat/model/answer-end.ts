/** What the end of a model's answer means for its reader. */
export type AnswerEnd = "complete" | "too_long" | "filtered" | "broken_off";

/**
 * The words that servers use for the reason why an answer ended. The AI SDK knows the usual ones;
 * the others are recognized by their parts, and an unknown one does not count as a good end.
 *
 * @param unified the AI SDK's version
 * @param raw as the provider wrote it; empty: it wrote none
 */
export function answerEnd(unified: string, raw: string): AnswerEnd {
  if (unified === "length") return "too_long";
  if (unified === "content-filter") return "filtered";
  if (unified === "error") return "broken_off";
  if (unified !== "other") return "complete";
  // The stream ended before the provider said that its answer does.
  if (raw === "") return "broken_off";
  if (/malformed|error|fail|insufficient|abort|cancel|timeout|unavailable|overload/i.test(raw)) {
    return "broken_off";
  }
  if (/length|token|limit|window/i.test(raw)) {
    return /eos|stop/i.test(raw) ? "complete" : "too_long";
  }
  if (/filter|safety|block|prohibit|recitation|sensitive|refus|spii/i.test(raw)) return "filtered";
  return /stop|eos|end|complete|finish|done|tool|function|null|none|unknown/i.test(raw)
    ? "complete"
    : "broken_off";
}
