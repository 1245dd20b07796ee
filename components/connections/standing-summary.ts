import type { Tone } from "@/components/ui/badge";
import type { ConnectionCounts, ConnectionStanding } from "@/lib/contracts/connections/connection";
import { formatNumber } from "@/lib/contracts/format";

/** How access is renewed, for the line "Renewal". */
export function renewalWords(
  { renewal, nextStep, reason }: ConnectionStanding,
  noRefreshToken: string | null = null,
): string | null {
  switch (renewal) {
    case "automatic":
      return nextStep === "wait" || nextStep === "wait_or_authorize"
        ? "Automatic, when the provider responds again"
        : "Automatic";
    case "at_next_call":
      return "Automatic, on the next call";
    case "impossible":
      // Soon before the end, the reason is shown with the problem.
      return reason === null
        ? `Not possible: the provider issued no refresh token. ${noRefreshToken ?? "Authorize again before it expires."}`
        : "Not possible: the provider issued no refresh token";
    case "not_needed":
      return "Not needed: the token does not expire";
    case null:
      return null;
  }
}

/** "2 connected, 1 retrying, 1 needs re-authorization" */
export function countWords(
  { connected, retrying, needAuthorization }: ConnectionCounts,
  /** The state of those that do not work, if no one authorizes. */
  over?: string,
): string {
  const parts = [
    connected > 0 ? `${formatNumber(connected)} connected` : "",
    retrying > 0 ? `${formatNumber(retrying)} retrying` : "",
    needAuthorization > 0
      ? over
        ? `${formatNumber(needAuthorization)} ${over}`
        : needWords(needAuthorization)
      : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(", ") : "No one connected";
}

/** The worst of them, as a colour. */
export function countTone({ connected, retrying, needAuthorization }: ConnectionCounts): Tone {
  if (needAuthorization > 0 || retrying > 0) return "warning";
  return connected > 0 ? "success" : "neutral";
}

/** "1 needs re-authorization", "3 need re-authorization" */
export function needWords(count: number): string {
  return `${formatNumber(count)} ${count === 1 ? "needs" : "need"} re-authorization`;
}
