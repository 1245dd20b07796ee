import type { ChatContext, ChatUser } from "@/lib/chat/context";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import { noteAdminAsked } from "@/lib/db/notices/admin-asked";
import { ConflictError } from "@/lib/errors";
import { type PausedToolCallAddress, viewOwnPausedToolCall } from "./own-paused-tool-call";

/**
 * Asks the admins to authorize the shared account that a call waits for. They get a notice, which closes once the
 * account works. Asking again changes nothing.
 * @throws NotFoundError no such call in a conversation of this person
 * @throws ConflictError it does not wait for an admin
 */
export async function askAdmin(
  ctx: ChatContext,
  user: ChatUser,
  where: PausedToolCallAddress,
): Promise<PausedToolCallView> {
  const call = await viewOwnPausedToolCall(ctx, user, where);
  if (call.adminAskedAt !== null) return call;
  const asked = call.canAskAdmin && (await noteAdminAsked(ctx.db, call.id, ctx.now()));
  if (!asked) {
    throw new ConflictError("This call does not wait for an admin any more. Reload the page.");
  }
  return viewOwnPausedToolCall(ctx, user, where);
}
