import { standingDetail, statusLooks } from "@/components/connections/standing-words";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ConnectionStanding } from "@/lib/contracts/connections/connection";

export function StatusBadge({ status }: Pick<ConnectionStanding, "status">) {
  const { tone, label } = statusLooks[status];
  return (
    <Badge tone={tone} dot>
      {label}
    </Badge>
  );
}

/** A few words beside a status: "Next try in 3 minutes". */
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
