import { forgotPasswordInput } from "@/lib/contracts/people/password-reset";
import { handlePublic } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { askForResetMail } from "@/lib/people/forgotten-password";

export const POST = handlePublic(async ({ app, request, ipAddress }) => {
  const { email } = await readJson(request, forgotPasswordInput);
  await askForResetMail(app, email, ipAddress);
});
