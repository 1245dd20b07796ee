import { expect, test } from "vitest";
import { waitInWords } from "@/lib/mcp/http/server-fetch";

test.each([
  [0, "a second"],
  [1_001, "2 seconds"],
  [89_000, "89 seconds"],
  [90_000, "2 minutes"],
  [119 * 60_000, "119 minutes"],
  [86_400_000, "24 hours"],
])("%i ms are %j", (ms, words) => {
  expect(waitInWords(ms)).toBe(words);
});
