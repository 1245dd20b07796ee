import { StandingDetail } from "@/components/connections/status-badge";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ConnectionView } from "@/lib/contracts/connections/connection";

/** A few words beside a connection's status. It is unknown when a key expires. */
export function ConnectionDetail({
  connection: { standing, personalKey, obtainedAt },
}: {
  connection: Pick<ConnectionView, "standing" | "personalKey" | "obtainedAt">;
}) {
  if (!personalKey || standing.status !== "connected" || obtainedAt === null) {
    return <StandingDetail standing={standing} />;
  }
  return (
    <>
      Key entered <RelativeTime value={obtainedAt} tense="past" />
    </>
  );
}
