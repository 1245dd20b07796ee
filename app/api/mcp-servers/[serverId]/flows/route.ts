import { listFlows } from "@/lib/flows/view";
import { handle } from "@/lib/http/handle";

export const GET = handle<{ serverId: string }>("flows.view", async ({ app, params }) => {
  // A person who returns from the provider looks here at once.
  await app.flows.flush();
  return listFlows(app, params.serverId);
});
