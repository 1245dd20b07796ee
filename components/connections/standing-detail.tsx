import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ConnectionStanding } from "@/lib/contracts/connections/connection";
import { standingDetail } from "./standing-words";

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
