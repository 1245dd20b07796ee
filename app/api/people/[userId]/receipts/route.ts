import { handle } from "@/lib/http/handle";
import { download } from "@/lib/http/responses";
import { receiptsCsv } from "@/lib/people/person-page";
import { enforceRateLimit, exportsPerUser } from "@/lib/session/rate-limit";

/** The outcome for each account, as a file to pass on. */
export const GET = handle<{ userId: string }>("people.manage", async ({ app, user, params }) => {
  await enforceRateLimit(app, exportsPerUser, user.id);
  const name = `usher-receipts-${app.now().toISOString().slice(0, 10)}.csv`;
  const contentType = "text/csv; charset=utf-8";
  return download(receiptsCsv(app, params.userId), { name, contentType });
});
