import { X } from "lucide-react";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardHeader } from "@/components/ui/card";
import { IconButton } from "@/components/ui/icon-button";
import { DiscoveryList } from "./discovery-list";
import { DiscoveryOutcome } from "./discovery-outcome";
import { latestInWords, stepsOf, summaryOf } from "./discovery-steps";
import type { DiscoveryRun } from "./use-discovery";
import type { FoundSettings } from "./use-found-settings";

/** The checklist of a discovery, as it runs and after. */
export function DiscoveryPanel({
  run,
  stale,
  found,
  onReplace,
  onUndo,
  onAgain,
  onDismiss,
}: {
  run: DiscoveryRun;
  /** Another URL stands in the form now. */
  stale: boolean;
  found: FoundSettings | null;
  onReplace: () => void;
  onUndo: () => void;
  onAgain: () => void;
  onDismiss: () => void;
}) {
  const { url, lines, end } = run;
  return (
    <Card>
      <CardHeader
        headingLevel="h3"
        className="flex-nowrap"
        title="Discovery"
        description={
          <span className="line-clamp-2 font-mono text-xs tracking-tight [overflow-wrap:anywhere]">
            {url}
          </span>
        }
        actions={
          <>
            {end ? <span className="text-muted text-xs">{summaryOf(lines)}</span> : null}
            <IconButton label="Close the discovery" size="sm" onClick={onDismiss}>
              <X aria-hidden="true" />
            </IconButton>
          </>
        }
      />
      {stale ? (
        <div className="border-border border-b p-3">
          <Callout
            tone="warning"
            title="This is about another URL than the one above"
            action={
              <Button size="sm" onClick={onAgain}>
                Discover again
              </Button>
            }
          >
            The URL was changed since. What was filled in from here may not be right for it.
          </Callout>
        </div>
      ) : null}
      <DiscoveryList steps={stepsOf(lines, end !== null)} />
      {end ? (
        <div className="border-border border-t p-3">
          <DiscoveryOutcome
            end={end}
            found={found}
            onReplace={onReplace}
            onUndo={onUndo}
            onAgain={onAgain}
          />
        </div>
      ) : null}
      <p role="status" className="sr-only">
        {end ? endInWords(run, found?.kept.length ?? 0) : latestInWords(lines)}
      </p>
    </Card>
  );
}

/** The outcome is read out once, with what it did. */
function endInWords({ lines, end }: DiscoveryRun, kept: number): string {
  const own =
    kept === 0 ? "" : ` ${counted(kept, "value of yours was", "values of yours were")} kept.`;
  switch (end?.outcome) {
    case "oauth":
      return `Discovery finished: ${summaryOf(lines)}. OAuth 2.0 was found.${own}`;
    case "open":
      return `Discovery finished: ${summaryOf(lines)}. The server asks for no sign-in.${own}`;
    case "cancelled":
      return "Discovery was stopped.";
    default:
      return `Discovery failed. ${end?.reason ?? ""}`;
  }
}
