import { StandingDetail } from "@/components/connections/status-badge";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ConnectionView } from "@/lib/contracts/connections/connection";

/** A few words beside the status of a connection. Of a key nobody knows when it ends. */
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
