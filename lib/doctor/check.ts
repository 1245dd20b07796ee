import type { DoctorCheckId, DoctorResult } from "@/lib/contracts/doctor";

export type Finding = Omit<DoctorResult, "id">;

/** One check. It throws unexpected errors; its time limit is enforced for it. */
export interface DoctorCheck<Run> {
  id: DoctorCheckId;
  /** Skipped if the database does not answer. */
  needsDatabase?: boolean;
  run(run: Run): Promise<Finding> | Finding;
}

export const ok = (finding: string): Finding => ({ status: "ok", finding, fix: null });
export const warning = (finding: string, fix: string): Finding => ({
  status: "warning",
  finding,
  fix,
});
export const failed = (finding: string, fix: string): Finding => ({
  status: "failed",
  finding,
  fix,
});
export const skipped = (finding: string): Finding => ({ status: "skipped", finding, fix: null });

/** "1 account", "2 accounts". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "a, b and 3 more". */
export function listed(items: readonly string[], most = 3): string {
  const shown = items.slice(0, most);
  const left = items.length - shown.length;
  if (left > 0) return `${shown.join(", ")} and ${left} more`;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}
