import { z } from "zod";
import { nameRecord } from "./name-record";

/** The body of every answer that is not a success. */
export const problem = z.object({
  error: z.object({
    code: z.string(),
    /** What happened and what to do next; safe to show. */
    message: z.string(),
    /** Field path (dotted) → what is wrong and how to mend it. */
    fields: nameRecord(z.string(), z.string()).optional(),
    retryAfterMs: z.number().optional(),
  }),
});
export type Problem = z.infer<typeof problem>;
