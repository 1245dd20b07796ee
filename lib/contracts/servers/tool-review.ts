import { z } from "zod";

/** What differs between two definitions of a tool, as text, line by line. All of it is the server's own. */
export const toolChange = z.object({
  field: z.enum(["title", "description", "inputSchema", "annotations"]),
  lines: z.array(z.object({ kind: z.enum(["same", "removed", "added"]), text: z.string() })),
});
export type ToolChange = z.infer<typeof toolChange>;

/** A tool that is not as an admin accepted it; until it is accepted each of its calls asks. */
export const toolReview = z.object({
  toolName: z.string(),
  title: z.string().nullable(),
  standing: z.enum(["changed", "new"]),
  /** When it was accepted; of a new one, when the list was. ISO 8601. */
  since: z.string().nullable(),
  /** Of the definition to accept. */
  fingerprint: z.string(),
  /** What the server says of it now. */
  readOnly: z.boolean(),
  /** Empty for a new one. */
  changes: z.array(toolChange),
});
export type ToolReview = z.infer<typeof toolReview>;

/** Of one server, over all assistants that use it. */
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
