import { personChange } from "@/lib/contracts/people/person";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { changePerson } from "@/lib/people/change";

export const PATCH = handle<{ userId: string }>("people.manage", async (handled) => {
  const { app, user, params, request } = handled;
  return changePerson(app, user, params.userId, await readJson(request, personChange));
});
