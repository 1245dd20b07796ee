import { handle } from "@/lib/http/handle";
import { endSessionOf } from "@/lib/people/end-session";

type Params = { userId: string; sessionId: string };

export const DELETE = handle<Params>("people.manage", async ({ app, user, params }) => {
  await endSessionOf(app, user, params);
});
