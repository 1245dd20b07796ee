import * as z from "zod";

const message = "This is not a page of this list.";

/** `next` of the previous page of a list by time: when its last row was, and which one of that moment it is. */
export const timeCursor = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z_[\w-]{1,64}$/, message)
  .refine((after) => !Number.isNaN(readTimeCursor(after).at.getTime()), { message });

export function writeTimeCursor({ at, id }: { at: Date; id: string }): string {
  return `${at.toISOString()}_${id}`;
}

/** @param after as `timeCursor` takes it */
export function readTimeCursor(after: string): { at: Date; id: string } {
  const end = after.indexOf("_");
  return { at: new Date(after.slice(0, end)), id: after.slice(end + 1) };
}
