import { getStartedChange } from "@/lib/contracts/get-started";
import { dismissGetStarted, viewGetStarted } from "@/lib/get-started";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

export const GET = handle("get-started.view", async ({ app, user }) => viewGetStarted(app, user));

/** For the admin who sends the request. */
export const PUT = handle("get-started.view", async ({ app, user, request }) => {
  const { dismissed } = await readJson(request, getStartedChange);
  return dismissGetStarted(app, user, dismissed);
});
