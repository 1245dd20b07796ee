import { Callout } from "@/components/ui/callout";
import { Skeleton } from "@/components/ui/loading";
import { TextLink } from "@/components/ui/text/text-link";
import type { PersonPage } from "@/lib/contracts/people/person-page";

/** Above the list of what ends: what happens to the person, and how to hand over shared accounts. */
export function OffboardingImpact({
  summary,
  data,
  error,
}: {
  summary: string;
  data: PersonPage | undefined;
  error: Error | null;
}) {
  if (error) return <Callout tone="warning" title="The consequences could not be loaded" />;
  if (!data) {
    return (
      <div className="grid gap-2" role="status">
        <span className="sr-only">Loading</span>
        <Skeleton className="w-44" />
        <Skeleton className="w-64 max-w-full" />
      </div>
    );
  }
  if (data.sharedServers.length === 0) return summary;
  return (
    <>
      {summary} To hand a shared account over, authorize it yourself:{" "}
      {data.sharedServers.map(({ serverId, serverName }, index) => (
        <span key={serverId}>
          {index > 0 ? ", " : null}
          <TextLink href={`/mcp-servers/${serverId}`}>{serverName}</TextLink>
        </span>
      ))}
      .
    </>
  );
}
