/** Who a notice is for. An email about it goes to each of them who is active, and to no one else. */
export type NoticeAudience = { admins: true } | { admins: false; userId: string };

/** @param userId from the notice; null: it is about a shared account or the installation */
export function audienceOf({ userId }: { userId: string | null }): NoticeAudience {
  return userId === null ? { admins: true } : { admins: false, userId };
}
