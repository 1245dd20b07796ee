import type { Tone } from "@/components/ui/badge";
import type { ConnectionCounts, ConnectionStanding } from "@/lib/contracts/connection";
import { formatNumber } from "@/lib/contracts/format";

export const statusLooks: Record<ConnectionStanding["status"], { tone: Tone; label: string }> = {
  connected: { tone: "success", label: "Connected" },
  expiring: { tone: "warning", label: "Expires soon" },
  retrying: { tone: "warning", label: "Retrying" },
  needs_authorization: { tone: "danger", label: "Needs re-authorization" },
  expired: { tone: "danger", label: "Expired" },
  not_connected: { tone: "neutral", label: "Not connected" },
};

/** A sentence about one moment, which is known to lie before or ahead. */
export type StandingDetail = {
  before: string;
  /** ISO 8601, between `before` and `after`; null: they are all. */
  at: string | null;
  tense: "past" | "future";
  after: string;
};

/** A few words beside the badge, which say no more than it: "Expires in 52 minutes, renews automatically". */
export function standingDetail(standing: ConnectionStanding): StandingDetail | null {
  const { status, since, expiresAt, nextTryAt, renewal } = standing;
  switch (status) {
    case "not_connected":
      return null;
    case "needs_authorization":
    case "expired":
      return since === null ? null : { before: "Ended ", at: since, tense: "past", after: "" };
    case "retrying":
      return nextTryAt === null
        ? words("Next try is due")
        : { before: "Next try ", at: nextTryAt, tense: "future", after: "" };
    case "connected":
    case "expiring": {
      if (expiresAt === null) {
        return words(
          renewal === "not_needed" ? "No expiry" : "Renews automatically at the next call",
        );
      }
      const after = renewal === "automatic" ? ", renews automatically" : "";
      return { before: "Expires ", at: expiresAt, tense: "future", after };
    }
  }
}

/** How access goes on, for the line "Renewal". */
export function renewalWords({ renewal, nextStep }: ConnectionStanding): string | null {
  switch (renewal) {
    case "automatic":
      return nextStep === "wait" ? "Automatic, once the provider answers again" : "Automatic";
    case "at_next_call":
      return "Automatic, at the next call";
    case "impossible":
      return "Not possible: the provider issued no refresh token. Authorize again before it expires.";
    case "not_needed":
      return "Not needed: the provider set no expiry";
    case null:
      return null;
  }
}

/** "2 connected, 1 retrying, 1 needs re-authorization" */
export function countWords({ connected, retrying, needAuthorization }: ConnectionCounts): string {
  const needs = needAuthorization === 1 ? "needs re-authorization" : "need re-authorization";
  const parts = [
    connected > 0 ? `${formatNumber(connected)} connected` : "",
    retrying > 0 ? `${formatNumber(retrying)} retrying` : "",
    needAuthorization > 0 ? `${formatNumber(needAuthorization)} ${needs}` : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(", ") : "Nobody connected";
}

/** The worst of them, as colour. */
export function countTone({ connected, retrying, needAuthorization }: ConnectionCounts): Tone {
  if (needAuthorization > 0 || retrying > 0) return "warning";
  return connected > 0 ? "success" : "neutral";
}

function words(before: string): StandingDetail {
  return { before, at: null, tense: "future", after: "" };
}
