/** In days; null: kept until someone deletes them. */
export interface RetentionEnv {
  /** Since the last message. */
  conversations: number | null;
  audit: number | null;
  flows: number;
}

const usualFlowDays = 30;
const mostDays = 3_650;
/** The database itself refuses to delete a younger event. */
const leastAuditDays = 30;

export function readRetention(
  optional: (name: string) => string | null,
  problems: string[],
): RetentionEnv {
  const days = (name: string, least: number): number | null => {
    const value = optional(name);
    if (value === null) return null;
    const number = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= mostDays) return number;
    problems.push(
      `${name} must be a whole number of days from ${least} to ${mostDays}. Leave it out to keep the default.`,
    );
    return null;
  };
  return {
    conversations: days("CONVERSATION_RETENTION_DAYS", 1),
    audit: days("AUDIT_RETENTION_DAYS", leastAuditDays),
    flows: days("FLOW_RETENTION_DAYS", 1) ?? usualFlowDays,
  };
}
