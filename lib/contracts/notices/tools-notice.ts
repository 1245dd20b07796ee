import type { NoticeDecision } from "./decision";

/** What is known about a server's tools. */
export interface ToolsFacts {
  serverSwitchedOff: boolean;
  /** Offered by an assistant, and different from what an admin accepted there. */
  toolsToReview: number;
}

/** Whether admins are notified that a server's tools wait for their review. */
export function decideToolsNotice({
  serverSwitchedOff,
  toolsToReview,
}: ToolsFacts): NoticeDecision {
  if (serverSwitchedOff) return { should: false, reason: "server_switched_off" };
  return toolsToReview > 0
    ? { should: true, reason: "open" }
    : { should: false, reason: "reviewed" };
}
