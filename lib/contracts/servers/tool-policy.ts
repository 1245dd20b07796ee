import { z } from "zod";

/** Whether the calls of a tool wait for a person's word. `NEVER`: it is not offered and never runs. */
export const toolPolicy = z.enum(["ASK", "ALWAYS", "NEVER"]);
export type ToolPolicy = z.infer<typeof toolPolicy>;

/** How a tool's definition stands to the one that an admin accepted for the assistant. */
export type ToolStanding = "accepted" | "changed" | "new";

export type ToolApproval =
  | { action: "run"; reason: "only_reads" | "policy" }
  | { action: "ask"; reason: AskReason }
  | { action: "refuse"; reason: "policy" };

export const askReason = z.enum(["changes_data", "policy", "changed", "new"]);
export type AskReason = z.infer<typeof askReason>;

/**
 * What becomes of a tool's calls. A definition that no admin accepted runs nothing unasked, whatever
 * it claims now and whatever was decided on the tool as it was: a server that turns a tool into
 * another one, or marks it as read-only, gains nothing by it.
 *
 * @param policy null: nothing was decided on this tool; it asks unless it only reads
 * @param readOnly what the server says of it now
 */
export function decideApproval(tool: {
  policy: ToolPolicy | null;
  readOnly: boolean;
  standing: ToolStanding;
}): ToolApproval {
  const { policy, readOnly, standing } = tool;
  if (policy === "NEVER") return { action: "refuse", reason: "policy" };
  if (standing !== "accepted") return { action: "ask", reason: standing };
  if (policy === "ALWAYS") return { action: "run", reason: "policy" };
  if (policy === "ASK") return { action: "ask", reason: readOnly ? "policy" : "changes_data" };
  return readOnly
    ? { action: "run", reason: "only_reads" }
    : { action: "ask", reason: "changes_data" };
}
