import { listFlows } from "@/lib/flows/view";
import { handle } from "@/lib/http/handle";

export const GET = handle<{ serverId: string }>("flows.view", async ({ app, params }) => {
  // Whoever comes back from the provider looks at once.
  await app.flows.flush();
  return listFlows(app, params.serverId);
});
