import * as z from "zod";
import type { Problem } from "@/lib/contracts/problem";

/** Beside `Problem` itself, which every page loads without zod. */
export const problem: z.ZodType<Problem> = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    fields: z.record(z.string(), z.string()).optional(),
    retryAfterMs: z.number().optional(),
    requestId: z.string().optional(),
  }),
});
