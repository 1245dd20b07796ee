import { personChange } from "@/lib/contracts/people/person";
import { deletePersonQuery } from "@/lib/contracts/people/person-page";
import { handle } from "@/lib/http/handle";
import { readJson, readQuery } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { changePerson } from "@/lib/people/change";
import { deletePerson } from "@/lib/people/delete";
import { personPage } from "@/lib/people/person-page";
import { checkPermission } from "@/lib/session/caller";

export const GET = handle<{ userId: string }>("people.manage", async ({ app, params }) =>
  personPage(app, params.userId),
);

export const DELETE = handle<{ userId: string }>(
  "people.delete",
  async ({ app, user, params, request }) => {
    const query = readQuery(request, deletePersonQuery);
    const deleted = await deletePerson(app, user, params.userId, query);
    noticesChanged(app, "any");
    return deleted;
  },
);

export const PATCH = handle<{ userId: string }>("people.manage", async (handled) => {
  const { app, user, params, request } = handled;
  const change = await readJson(request, personChange);
  // A role, or restored access, outlives the key that gave it.
  if (change.disabled !== true || change.role !== undefined) {
    checkPermission(user, "people.let-in", request.method);
  }
  const changed = await changePerson(app, user, params.userId, change);
  noticesChanged(app, "any");
  return changed;
});
