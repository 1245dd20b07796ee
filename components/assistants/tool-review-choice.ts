import { ownValue } from "@/lib/contracts/own-value";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";
import type { ServerChoice } from "./tool-selection";

/** Those of tools that the assistant may call: the others concern nobody. */
export function reviewsOf(choice: ServerChoice, reviews: readonly ToolReview[]): ToolReview[] {
  return reviews.filter(
    ({ toolName }) =>
      ownValue(choice.toolPolicies, toolName) !== "NEVER" &&
      (choice.allTools || choice.toolNames.includes(toolName)),
  );
}

/** Who ticks a tool that was never accepted has just looked at it. */
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

export function accepting(
  accepted: Readonly<Record<string, string>> = {},
  reviews: readonly ToolReview[],
): Record<string, string> {
  const added = reviews.map(({ toolName, fingerprint }) => [toolName, fingerprint]);
  return { ...accepted, ...Object.fromEntries(added) };
}
