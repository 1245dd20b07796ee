import { handle } from "@/lib/http/handle";
import { createResetLink } from "@/lib/people/password-reset";

export const POST = handle<{ userId: string }>("people.let-in", async ({ app, user, params }) => {
  const link = await createResetLink(app, user, params.userId);
  return Response.json(link, { status: 201, headers: { "cache-control": "no-store" } });
});
