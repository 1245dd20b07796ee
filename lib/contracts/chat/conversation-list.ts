import { z } from "zod";
import { conversationSummary } from "./chat";

/** A page of the history, the last changed first. */
export const conversationList = z.object({
  conversations: z.array(conversationSummary),
  /** For `after`; null at the end. */
  next: z.string().nullable(),
});
export type ConversationList = z.infer<typeof conversationList>;

export const conversationListQuery = z.object({
  /** A part of the title, in any case. */
  search: z.string().trim().max(200, "Search for at most 200 characters.").optional(),
  /** `next` of the page before. */
  after: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z_[\w-]{1,64}$/, "This is not a page of this list.")
    .refine((after) => !Number.isNaN(Date.parse(after.slice(0, after.indexOf("_")))), {
      message: "This is not a page of this list.",
    })
    .optional(),
});
export type ConversationListQuery = z.infer<typeof conversationListQuery>;
