import { personChange } from "@/lib/contracts/people/person";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { changePerson } from "@/lib/people/change";
import { checkPermission } from "@/lib/session/caller";

export const PATCH = handle<{ userId: string }>("people.manage", async (handled) => {
  const { app, user, params, request } = handled;
  const change = await readJson(request, personChange);
  // A role, or access given back, outlives a key that gave it.
  if (change.disabled !== true || change.role !== undefined) {
    checkPermission(user, "people.let-in", request.method);
  }
  return changePerson(app, user, params.userId, change);
});
