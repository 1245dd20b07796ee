import { noticesChanged } from "@/lib/notices/notices-changed";
import { renewCatalogue } from "./renew-catalogue";

type AuthorizedContext = Parameters<typeof noticesChanged>[0] &
  Parameters<typeof renewCatalogue>[0];

/** Once an account is connected: its tools are read, and what asked for it is over. Nobody waits for either. */
export function afterAuthorization(
  ctx: AuthorizedContext,
  { serverId, userId }: { serverId: string; userId: string },
): void {
  ctx.afterResponse(() => renewCatalogue(ctx, serverId, userId));
  noticesChanged(ctx, { serverId });
}
