import { ToolReviewEntry, ToolReviewList } from "@/components/assistants/tool-review-entry";
import type { ServerChoice } from "@/components/assistants/tool-selection";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { ownValue } from "@/lib/contracts/own-value";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";

/** What changed since it was last accepted. Saving the form accepts what was accepted here. */
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
          title={left.length === 1 ? "A tool needs review" : `${left.length} tools need review`}
          action={
            left.length > 1 ? (
              <Button size="sm" onClick={() => onAccept(accepting(acceptedTools, left))}>
                Accept all
              </Button>
            ) : null
          }
        >
          {serverName} changed or added them. Until you accept them, every call to them asks first.
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

/** Reviews of tools that the assistant may call. */
export function reviewsOf(choice: ServerChoice, reviews: readonly ToolReview[]): ToolReview[] {
  return reviews.filter(
    ({ toolName }) =>
      ownValue(choice.toolPolicies, toolName) !== "NEVER" &&
      (choice.allTools || choice.toolNames.includes(toolName)),
  );
}

/** Ticking a tool counts as reviewing it. */
export function acceptingTicked(
  before: ServerChoice,
  after: ServerChoice,
  reviews: readonly ToolReview[],
): ServerChoice {
  if (before.allTools || after.allTools) return after;
  const ticked = new Set(after.toolNames.filter((name) => !before.toolNames.includes(name)));
  const seen = reviews.filter(
    ({ toolName, standing }) => standing === "new" && ticked.has(toolName),
  );
  return seen.length === 0
    ? after
    : { ...after, acceptedTools: accepting(after.acceptedTools, seen) };
}

function accepting(
  accepted: Readonly<Record<string, string>> = {},
  reviews: readonly ToolReview[],
): Record<string, string> {
  const added = reviews.map(({ toolName, fingerprint }) => [toolName, fingerprint]);
  return { ...accepted, ...Object.fromEntries(added) };
}
