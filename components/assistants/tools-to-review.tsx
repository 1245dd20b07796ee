import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { ownValue } from "@/lib/contracts/own-value";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";
import { accepting } from "./tool-review-choice";
import { ToolReviewEntry } from "./tool-review-entry";
import { ToolReviewList } from "./tool-review-list";

/** In the form: what changed since it was last accepted. Saving accepts what was accepted here. */
export function ToolsToReview({
  serverName,
  reviews,
  acceptedTools,
  onAccept,
}: {
  serverName: string;
  reviews: readonly ToolReview[];
  acceptedTools: Readonly<Record<string, string>>;
  onAccept: (acceptedTools: Record<string, string>) => void;
}) {
  const left = reviews.filter(({ toolName }) => ownValue(acceptedTools, toolName) === undefined);
  return (
    <div className="grid min-w-0 gap-2">
      {left.length > 0 ? (
        <Callout
          tone="warning"
          title={left.length === 1 ? "A tool wants a review" : `${left.length} tools want a review`}
          action={
            left.length > 1 ? (
              <Button size="sm" onClick={() => onAccept(accepting(acceptedTools, left))}>
                Accept all
              </Button>
            ) : null
          }
        >
          {serverName} changed or added them. Until you accept them, each of their calls asks first.
        </Callout>
      ) : null}
      <div className="rounded-lg border border-border">
        <ToolReviewList reviews={reviews}>
          {(review) => (
            <ToolReviewEntry
              key={review.toolName}
              review={review}
              accepted={acceptedTools[review.toolName] !== undefined}
              accepting={false}
              onAccept={() => onAccept(accepting(acceptedTools, [review]))}
            />
          )}
        </ToolReviewList>
      </div>
    </div>
  );
}
