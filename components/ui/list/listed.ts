import { formatNumber } from "@/lib/contracts/format";

/** "A", "A and B", "A, B and 3 others". */
export function listed(names: readonly string[], atMost = 3): string {
  const shown = names.slice(0, atMost);
  const rest = names.length - shown.length;
  if (rest > 0)
    return `${shown.join(", ")} and ${formatNumber(rest)} ${rest === 1 ? "other" : "others"}`;
  const last = shown.pop() ?? "";
  return shown.length > 0 ? `${shown.join(", ")} and ${last}` : last;
}
