/** Whether a notice should be open, and why or why not. */
export interface NoticeDecision {
  should: boolean;
  reason:
    | "open"
    | "server_switched_off"
    | "may_not_use"
    | "other_owner"
    | "works"
    | "nobody_asked"
    | "not_yet"
    | "reviewed"
    | "other_notice";
}
