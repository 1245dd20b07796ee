import type { NoticeDecision } from "./decision";

/** What is known of a server's tools. */
export interface ToolsFacts {
  serverSwitchedOff: boolean;
  /** Offered by an assistant, and not as an admin accepted them there. */
  toolsToReview: number;
}

/** Whether admins are told that tools of a server wait for their review. */
export function decideToolsNotice({
  serverSwitchedOff,
  toolsToReview,
}: ToolsFacts): NoticeDecision {
  if (serverSwitchedOff) return { should: false, reason: "server_switched_off" };
  return toolsToReview > 0
    ? { should: true, reason: "open" }
    : { should: false, reason: "reviewed" };
}
