import { handle } from "@/lib/http/handle";
import { readNotices } from "@/lib/notices/read-notices";

/** What needs the person who asks. */
export const GET = handle("notices.view", async ({ app, user }) => readNotices(app, user));
