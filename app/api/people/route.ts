import { listOpenInvitations } from "@/lib/db/invitation";
import { listUsers } from "@/lib/db/user";
import { handle } from "@/lib/http/handle";
import { viewInvitation, viewPerson } from "@/lib/people/view";

export const GET = handle("people.manage", async ({ app }) => {
  const [people, invitations] = await Promise.all([listUsers(app.db), listOpenInvitations(app.db)]);
  return {
    people: people.map(viewPerson),
    invitations: invitations.map((row) => viewInvitation(row, app.now())),
  };
});
