import { twoFactorProof } from "@/lib/contracts/people/two-factor";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { renewRecoveryCodes } from "@/lib/people/two-factor";

export const POST = handle("account.manage-own", async ({ app, user, request }) =>
  renewRecoveryCodes(app, user, await readJson(request, twoFactorProof)),
);
