import { Callout } from "@/components/ui/callout";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ConnectionView } from "@/lib/contracts/connection";

/** The last refresh or authorization, if it failed. A connection that still works shows it as a warning. */
export function RefreshProblem({
  connection,
  className,
}: {
  connection: Pick<ConnectionView, "status" | "lastRefreshError" | "lastRefreshErrorAt">;
  className?: string | undefined;
}) {
  const { status, lastRefreshError, lastRefreshErrorAt } = connection;
  if (!lastRefreshError) return null;
  return (
    <Callout
      tone={status === "connected" ? "warning" : "danger"}
      title={
        <>
          Last error
          {lastRefreshErrorAt ? (
            <span className="font-normal text-muted">
              {" "}
              · <RelativeTime value={lastRefreshErrorAt} />
            </span>
          ) : null}
        </>
      }
      className={className}
    >
      {lastRefreshError}
    </Callout>
  );
}
