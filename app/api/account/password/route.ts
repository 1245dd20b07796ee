import { changePasswordInput } from "@/lib/contracts/person";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-json";
import { changePassword } from "@/lib/people/change";

export const POST = handle("account.manage-own", async ({ app, user, request }) => {
  await changePassword(app, user, await readJson(request, changePasswordInput));
});
