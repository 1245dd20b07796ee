import { handle } from "@/lib/http/handle";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { readNotices } from "@/lib/notices/read-notices";

/** What needs the attention of the person who asks. */
export const GET = handle("notices.view", async ({ app, user }) => {
  const list = await readNotices(app, user);
  // Not stored yet: webhooks would otherwise hear of it with the next sweep, which may be what is missing.
  if (list.notices.some(({ openedAt }) => openedAt === null)) noticesChanged(app, "any");
  return list;
});
