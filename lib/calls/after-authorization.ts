import { noticesChanged } from "@/lib/notices/notices-changed";
import { renewCatalogue } from "./renew-catalogue";

type AuthorizedContext = Parameters<typeof noticesChanged>[0] &
  Parameters<typeof renewCatalogue>[0];

/** Once an account is connected: reads its tools, and closes what asked for it. No one waits for either. */
export function afterAuthorization(
  ctx: AuthorizedContext,
  { serverId, userId }: { serverId: string; userId: string },
): void {
  ctx.afterResponse(() => renewCatalogue(ctx, serverId, userId));
  noticesChanged(ctx, { serverId });
}
