import NextAuth from "next-auth";
import { app } from "@/lib/app/current";
import { errorResponse } from "@/lib/http/error-response";
import { authOptions, type SignInResult } from "@/lib/session/auth-options";
import { clientOf } from "@/lib/session/client";

type Context = { params: Promise<{ nextauth: string[] }> };

/**
 * Everything that Usher uses of next-auth. `session` is answered by our own route: next-auth's would
 * answer for a session that has ended, and renew its cookie.
 */
const served = /^(csrf|providers|error|signin|signout|callback\/credentials)$/;

async function handler(request: Request, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  if (!served.test(nextauth.join("/"))) return new Response(null, { status: 404 });
  const ctx = app();
  const result: SignInResult = { cookies: [], signOutFailure: null };
  const options = authOptions(ctx, clientOf(request), result);
  const response: Response = await NextAuth(request as never, context as never, options);
  if (result.signOutFailure) return errorResponse(result.signOutFailure, ctx.log);
  for (const cookie of result.cookies) response.headers.append("set-cookie", cookie);
  return response;
}

export { handler as GET, handler as POST };
