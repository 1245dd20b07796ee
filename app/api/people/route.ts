import { listOpenInvitations } from "@/lib/db/invitation";
import { listLinkedUsers } from "@/lib/db/oidc-identity";
import { listUsers } from "@/lib/db/user";
import { handle } from "@/lib/http/handle";
import { viewInvitation, viewPerson } from "@/lib/people/view";

export const GET = handle("people.manage", async ({ app }) => {
  const [people, linked, invitations] = await Promise.all([
    listUsers(app.db),
    listLinkedUsers(app.db),
    listOpenInvitations(app.db),
  ]);
  return {
    people: people.map((row) => viewPerson(row, linked.has(row.id))),
    invitations: invitations.map((row) => viewInvitation(row, app.now())),
  };
});
