import { parseUrl } from "@/lib/parse-url";
import { parseExtraParameters } from "./extra-parameters";
import { parsePersonalHeaders } from "./personal-headers";

/**
 * The content of a setting of the kind `text`. `url`: an address that secrets are sent to. `https`: a link for
 * people. `parameters`: `name=value`, one per line. `headers`: names of headers, one per line.
 */
export type TextFormat = "url" | "https" | "parameters" | "headers" | "word" | "sentence";

/** What is wrong with a value, and how to fix it; null: nothing. */
export function textProblem(format: TextFormat, given: string): string | null {
  if (given === "") return null;
  if (given.length > 2000) return "Shorten it to 2,000 characters.";
  switch (format) {
    case "url":
      return /^https?:\/\/[^\s/]/i.test(given)
        ? null
        : "Enter the whole address, such as https://auth.example.com/oauth/refresh.";
    case "https":
      return /^https:\/\/[^\s/@]+(\/\S*)?$/i.test(given) && parseUrl(given)
        ? null
        : "Enter an address that starts with https://, such as https://example.com/settings/keys.";
    case "word":
      return /^[\x21-\x7e]+$/.test(given) ? null : "Enter it without spaces.";
    case "sentence":
      return given.length <= 300 && !/[\r\n]/.test(given)
        ? null
        : "Write one line of 300 characters at most.";
    case "headers": {
      const parsed = parsePersonalHeaders(given);
      return parsed.ok ? null : parsed.problem;
    }
    case "parameters": {
      const parsed = parseExtraParameters(given);
      return parsed.ok ? null : parsed.problem;
    }
    default:
      return format satisfies never;
  }
}
