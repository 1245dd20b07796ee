import * as z from "zod";
import type { Role } from "../people/person";

/** How a person is notified by mail. */
export const noticeMail = z.enum(["AT_ONCE", "DAILY", "OFF"]);
export type NoticeMail = z.infer<typeof noticeMail>;

export const noticeMailChoice = z.object({ noticeMail });
export type NoticeMailChoice = z.infer<typeof noticeMailChoice>;

/** Until they choose. A shared account that needs an admin blocks everyone. An auditor gets no notices. */
export const usualNoticeMail: Readonly<Record<Role, NoticeMail>> = {
  ADMIN: "AT_ONCE",
  MEMBER: "DAILY",
  AUDITOR: "OFF",
};

/** @param choice null: none was made */
export function noticeMailOf(choice: NoticeMail | null, role: Role): NoticeMail {
  return choice ?? usualNoticeMail[role];
}

/** In UTC. */
export const dailyMailHour = 8;
const dayMs = 24 * 60 * 60_000;

/** When the latest daily mail was due: it lists what was open by then. */
export function latestDailyMail(now: Date): Date {
  const today = new Date(now);
  today.setUTCHours(dailyMailHour, 0, 0, 0);
  return today <= now ? today : new Date(today.getTime() - dayMs);
}
