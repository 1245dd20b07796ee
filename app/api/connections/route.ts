import { handle } from "@/lib/http/handle";
import { listConnections } from "@/lib/tokens/own-connections";

export const GET = handle("connections.view", async ({ app, user }) => ({
  connections: await listConnections(app, user),
}));
