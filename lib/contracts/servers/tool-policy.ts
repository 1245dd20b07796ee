import * as z from "zod";

/** Whether a tool's calls wait for a person's confirmation. `NEVER`: it is not offered and never runs. */
export const toolPolicy = z.enum(["ASK", "ALWAYS", "NEVER"]);
export type ToolPolicy = z.infer<typeof toolPolicy>;

/** How a tool's definition compares with the one that an admin accepted for the assistant. */
export type ToolStanding = "accepted" | "changed" | "new";

export type ToolApproval =
  | { action: "run"; reason: "only_reads" | "policy" }
  | { action: "ask"; reason: AskReason }
  | { action: "refuse"; reason: "policy" };

export const askReason = z.enum(["changes_data", "policy", "changed", "new"]);
export type AskReason = z.infer<typeof askReason>;

/**
 * How a tool's calls are handled. A definition that no admin accepted runs nothing unasked, whatever
 * it claims now and whatever was decided on the earlier definition: a server that turns a tool into
 * another one, or marks it as read-only, gains nothing.
 *
 * @param policy null: no decision on this tool; it asks unless it only reads
 * @param readOnly the server's current claim
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
  if (policy === "ASK") return { action: "ask", reason: "policy" };
  return readOnly
    ? { action: "run", reason: "only_reads" }
    : { action: "ask", reason: "changes_data" };
}

/** The differences between two definitions of a tool, as text, line by line. All of it is the server's own. */
export const toolChange = z.object({
  field: z.enum(["title", "description", "inputSchema", "annotations"]),
  lines: z.array(z.object({ kind: z.enum(["same", "removed", "added"]), text: z.string() })),
});
export type ToolChange = z.infer<typeof toolChange>;

/** A tool that differs from what an admin accepted; until it is accepted each of its calls asks. */
export const toolReview = z.object({
  toolName: z.string(),
  title: z.string().nullable(),
  standing: z.enum(["changed", "new"]),
  /** When it was accepted; for a new one, when the list was. ISO 8601. */
  since: z.string().nullable(),
  /** Of the definition to accept. */
  fingerprint: z.string(),
  /** The server's current description. */
  readOnly: z.boolean(),
  /** Empty for a new one. */
  changes: z.array(toolChange),
});
export type ToolReview = z.infer<typeof toolReview>;

/** For one server, over all assistants that use it. */
export const serverToolReviews = z.object({
  reviews: z.array(toolReview.extend({ assistantNames: z.array(z.string()) })),
});
export type ServerToolReviews = z.infer<typeof serverToolReviews>;

export const acceptToolsInput = z.object({
  tools: z
    .array(z.object({ toolName: z.string().max(200), fingerprint: z.string().length(64) }))
    .min(1, "Name the tools to accept.")
    .max(1000),
});
export type AcceptToolsInput = z.infer<typeof acceptToolsInput>;
