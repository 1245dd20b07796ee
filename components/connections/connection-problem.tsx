import type { ReactNode } from "react";
import { TryNowButton } from "@/components/connections/try-now-button";
import { useWords } from "@/components/shell/viewer-words";
import { Callout } from "@/components/ui/callout";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { ConnectionStanding, ConnectionView } from "@/lib/contracts/connections/connection";

/** What is wrong, since when, and what to do. Renders nothing if all is well. */
export function ConnectionProblem({
  connection: { standing, failedAuthorization, personalKey },
  serverId,
  serverName,
  mayRetry = true,
}: {
  connection: Pick<ConnectionView, "standing" | "failedAuthorization" | "personalKey">;
  serverId: string;
  serverName: string;
  mayRetry?: boolean;
}) {
  if (failedAuthorization) {
    const { at, reason } = failedAuthorization;
    return <Problem tone="danger" title="Last authorization failed" at={at} reason={reason} />;
  }
  const { status, since, reason, nextStep } = standing;
  if (reason === null) return null;
  return (
    <Problem
      {...problems[status]}
      {...(personalKey ? { title: "Your key is needed" } : {})}
      {...(nextStep === "ask_organization" ? { title: "No access from your organization" } : {})}
      at={since}
      reason={reason}
    >
      {status === "retrying" && mayRetry ? (
        <div className="mt-2">
          <TryNowButton serverId={serverId} serverName={serverName} />
        </div>
      ) : null}
    </Problem>
  );
}

export function hasProblem({
  standing,
  failedAuthorization,
}: Pick<ConnectionView, "standing" | "failedAuthorization">): boolean {
  return failedAuthorization !== null || standing.reason !== null;
}

const problems: Record<
  ConnectionStanding["status"],
  { tone: "warning" | "danger"; title: string }
> = {
  connected: { tone: "warning", title: "Last refresh failed" },
  expiring: { tone: "warning", title: "Access expires soon" },
  retrying: { tone: "warning", title: "Last refresh failed" },
  needs_authorization: { tone: "danger", title: "Access has ended" },
  expired: { tone: "danger", title: "Access has ended" },
  not_connected: { tone: "danger", title: "Not connected" },
  on_first_use: { tone: "warning", title: "Not used yet" },
};

function Problem({
  tone,
  title,
  at,
  reason,
  children,
}: {
  tone: "warning" | "danger";
  title: string;
  at: string | null;
  reason: string;
  children?: ReactNode;
}) {
  const words = useWords();
  return (
    <Callout
      tone={tone}
      title={
        <>
          {title}
          {at ? (
            <span className="font-normal text-muted">
              {" "}
              · <RelativeTime value={at} tense="past" />
            </span>
          ) : null}
        </>
      }
    >
      {words(reason)}
      {children}
    </Callout>
  );
}
