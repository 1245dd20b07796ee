import { Badge, type Tone } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ConnectionStanding } from "@/lib/contracts/connections/connection";
import type { ServerHealth } from "@/lib/contracts/servers/health";

export function StatusBadge({
  status,
  from = "consent",
}: {
  /** For a connection, or the health of a server that needs none. */
  status: Status;
  /** Where access comes from: it decides who has to act. */
  from?: "consent" | "key" | "organization" | undefined;
}) {
  const { tone, label } = status === "needs_authorization" ? needed[from] : statusLooks[status];
  return (
    <Badge tone={tone} dot>
      {label}
    </Badge>
  );
}

const needed = {
  consent: { tone: "danger", label: "Needs re-authorization" },
  key: { tone: "danger", label: "Needs your key" },
  organization: { tone: "danger", label: "Needs organization access" },
} as const;

/** For `from`, of an account. */
export function accessFrom({ nextStep }: Pick<ConnectionStanding, "nextStep">) {
  return nextStep === "ask_organization" ? "organization" : "consent";
}

/** A few words beside a status: "Next retry in 3 minutes". */
export function StandingDetail({ standing }: { standing: ConnectionStanding }) {
  const detail = standingDetail(standing);
  if (detail === null) return null;
  const { before, at, tense, after } = detail;
  return (
    <>
      {before}
      {at === null ? null : <RelativeTime value={at} tense={tense} />}
      {after}
    </>
  );
}

type Status = ConnectionStanding["status"] | ServerHealth["status"];

export const statusLooks: Record<Status, { tone: Tone; label: string }> = {
  connected: { tone: "success", label: "Connected" },
  expiring: { tone: "warning", label: "Expires soon" },
  retrying: { tone: "warning", label: "Retrying" },
  needs_authorization: { tone: "danger", label: "Needs re-authorization" },
  expired: { tone: "danger", label: "Expired" },
  not_connected: { tone: "neutral", label: "Not connected" },
  on_first_use: { tone: "neutral", label: "Connects on first use" },
  working: { tone: "success", label: "Working" },
  failing: { tone: "danger", label: "Failing" },
  unused: { tone: "neutral", label: "Not used yet" },
};

/** A sentence about one moment, known to be in the past or the future. */
export type StandingDetail = {
  before: string;
  /** ISO 8601, between `before` and `after`; null: the whole text is in these. */
  at: string | null;
  tense: "past" | "future";
  after: string;
};

/** A few words beside the badge, which do not repeat it: "Expires in 52 minutes, renews automatically". */
export function standingDetail(standing: ConnectionStanding): StandingDetail | null {
  const { status, since, expiresAt, nextTryAt, renewal } = standing;
  switch (status) {
    case "not_connected":
    case "on_first_use":
      return null;
    case "needs_authorization":
    case "expired": {
      const before = accessFrom(standing) === "organization" ? "Refused " : "Ended ";
      return since === null ? null : { before, at: since, tense: "past", after: "" };
    }
    case "retrying":
      return nextTryAt === null
        ? words("Retry is due")
        : { before: "Next retry ", at: nextTryAt, tense: "future", after: "" };
    case "connected":
    case "expiring": {
      if (expiresAt === null) {
        return words(
          renewal === "not_needed" ? "No expiry" : "Renews automatically on the next call",
        );
      }
      const after = renewal === "automatic" ? ", renews automatically" : "";
      return { before: "Expires ", at: expiresAt, tense: "future", after };
    }
  }
}

function words(before: string): StandingDetail {
  return { before, at: null, tense: "future", after: "" };
}
