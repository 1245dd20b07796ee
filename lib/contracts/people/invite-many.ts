import * as z from "zod";
import { role } from "./person";

/** How many people one paste may invite. */
export const mostInvited = 200;

export const inviteManyInput = z.object({
  /** Addresses separated by commas or lines, or CSV with an address and optionally a role in each row. */
  text: z
    .string()
    .trim()
    .min(1, "Enter at least one email address.")
    .max(50_000, "That is too long. Invite at most 200 people at once."),
  /** For everyone whose row names none. */
  role,
});
export type InviteManyInput = z.infer<typeof inviteManyInput>;

/** The outcome for one address, in the order of the text. */
export const inviteManyRow = z.discriminatedUnion("result", [
  z.object({
    result: z.literal("invited"),
    email: z.string(),
    role,
    /** Shown once: only its hash is stored. */
    link: z.string(),
  }),
  z.object({
    result: z.literal("left_out"),
    /** As entered, truncated. */
    entered: z.string(),
    reason: z.string(),
  }),
]);
export type InviteManyRow = z.infer<typeof inviteManyRow>;

export const inviteManyResult = z.object({
  rows: z.array(inviteManyRow),
  /** Usher also mails the links. */
  mailed: z.boolean(),
});
export type InviteManyResult = z.infer<typeof inviteManyResult>;
