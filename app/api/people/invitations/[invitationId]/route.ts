import { insertAuditEvent } from "@/lib/db/audit-event";
import { deleteInvitation } from "@/lib/db/invitation";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";

export const DELETE = handle<{ invitationId: string }>("people.manage", async (handled) => {
  const { app, user, params, ipAddress } = handled;
  if (!(await deleteInvitation(app.db, params.invitationId))) {
    throw new NotFoundError("This invitation was already used or withdrawn.");
  }
  await insertAuditEvent(app.db, {
    action: "person.withdraw-invitation",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { invitationId: params.invitationId },
  });
});
