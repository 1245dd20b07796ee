import { by } from "@/lib/db/audit-event";
import { deleteInvitation } from "@/lib/db/invitation";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";

export const DELETE = handle<{ invitationId: string }>("people.manage", async (handled) => {
  const { app, user, params, ipAddress } = handled;
  const { invitationId } = params;
  const event = {
    action: "person.withdraw-invitation",
    ...by({ ...user, ipAddress }),
    details: { invitationId },
  };
  if (!(await deleteInvitation(app.db, invitationId, event))) {
    throw new NotFoundError("This invitation was already used or withdrawn.");
  }
});
